package dev.lastword.io;

import java.nio.file.Path;

/// A [SimulatedDisk] that is left in peace behaves as any disk.
class SimulatedDiskTest extends DiskContract {

    @Override
    Disk newDisk() {
        return new SimulatedDisk(7);
    }

    @Override
    Path newDirectory() {
        return SimulatedDisk.MOUNT;
    }
}
