/*
 * CRC-32C with the processor's instruction for it, which the compiler of native images does not
 * know. Linked into the native binary by dev.lastword.app.Crc32cLibrary.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Where there is no such instruction: four bits at a time, slow and small. */
static uint32_t by_table(uint32_t crc, const uint8_t *bytes, size_t count) {
    static const uint32_t table[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
        0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    for (; count > 0; count--, bytes++) {
        crc ^= *bytes;
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return crc;
}

#if defined(__x86_64__)

#include <nmmintrin.h>

#define TARGET __attribute__((target("sse4.2")))
#define CRC_OF_8(crc, word) ((uint32_t) _mm_crc32_u64(crc, word))
#define CRC_OF_1(crc, byte) _mm_crc32_u8(crc, byte)

static int has_instruction(void) {
    return __builtin_cpu_supports("sse4.2");
}

#elif defined(__aarch64__)

#include <arm_acle.h>
#include <sys/auxv.h>

#define TARGET __attribute__((target("+crc")))
#define CRC_OF_8(crc, word) __crc32cd(crc, word)
#define CRC_OF_1(crc, byte) __crc32cb(crc, byte)

static int has_instruction(void) {
    return (getauxval(AT_HWCAP) & 1 << 7) != 0; /* HWCAP_CRC32 of asm/hwcap.h */
}

#endif

TARGET static uint32_t by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
    for (; count >= 8; count -= 8, bytes += 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        crc = CRC_OF_8(crc, word);
    }
    for (; count > 0; count--, bytes++) {
        crc = CRC_OF_1(crc, *bytes);
    }
    return crc;
}

/* The state behind so many more bytes; the CRC is the complement of the last, ~0 the first. */
uint32_t lastword_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
    return has_instruction() ? by_instruction(crc, bytes, count) : by_table(crc, bytes, count);
}
