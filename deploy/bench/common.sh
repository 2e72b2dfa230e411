# To be sourced by the scripts beside it: finds the JDK and the built service.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
jar=$root/target/quarkus-app/quarkus-run.jar
. "$root/.mvn/find-jdk.sh" || exit 1
if [ ! -f "$jar" ]; then
    echo "$jar is missing: run ./mvnw package first." >&2
    exit 1
fi

# What to measure: the jar, or the native binary where the first argument is --native.
program() {
    [ "${1:-}" = --native ] || { echo "$jar"; return; }
    find "$root/target" -maxdepth 1 -name 'lastword-*-runner' | grep . || {
        echo "There is no native binary: run ./mvnw package -Dnative first." >&2
        exit 1
    }
}
