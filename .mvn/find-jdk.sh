# To be sourced: finds a JDK 25 and exports JAVA_HOME. Exactly 25 wins, else the lowest newer one;
# among equals the first place in the list below.
lastword_jdk=$(
    set +f
    {
        printf '%s\n' "${JAVA_HOME-}"
        env | sed -n 's/^JAVA_HOME_25_[^=]*=//p'
        if javac=$(command -v javac); then dirname "$(dirname "$(readlink -f "$javac")")"; fi
        printf '%s\n' /usr/lib/jvm/* /opt/* "${HOME-}"/.sdkman/candidates/java/* \
            "${HOME-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home
    } | while IFS= read -r home; do
        if [ -x "$home/bin/javac" ] && [ -r "$home/release" ]; then
            version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
            if [ "${version:-0}" -ge 25 ]; then printf '%s %s\n' "$version" "$home"; fi
        fi
    done | sort -s -n -k 1,1 | sed -n '1s/^[0-9]* //p'
)
if [ -z "$lastword_jdk" ]; then
    echo "No JDK 25 or newer found: install one (such as Temurin 25) and set JAVA_HOME to its folder." >&2
    return 1
fi
JAVA_HOME=$lastword_jdk
export JAVA_HOME
unset lastword_jdk
