# shellcheck shell=bash
# Sourced by Tests/run: house rules that the formatter does not know. Every function prints its findings and returns 1
# if there are any.

# Longer files have more than one subject.
readonly MAX_FILE_LINES=400

# The one place where a test may wait for time to pass: the bounded polling of facts that announce themselves nowhere.
readonly POLLING_FILE='Tests/TestSupport/Eventually.swift'

# banned PATTERN REASON [grep options and paths…]
banned() {
    local pattern=$1 reason=$2 found
    shift 2
    found=$(grep -rnE --include='*.swift' "$pattern" "$@" || true)
    [[ -n $found ]] || return 0
    printf '%s\n  ^ %s\n' "$found" "$reason"
    return 1
}

tidy() {
    local clean=0 long
    banned '\b(TODO|FIXME|XXX)\b' 'open ends belong into an issue' Sources Tests Package.swift || clean=1
    banned '\btry!' 'errors are handled, not trapped on' Sources Tests || clean=1
    banned '(^|[^.A-Za-z0-9_])(debugP|p)rint\(' 'libraries log; only executables talk' Sources/Shared || clean=1
    banned '\b(Task|Thread)\.sleep|\bu?sleep\(' 'await the event instead of sleeping' Tests \
        --exclude="$(basename "$POLLING_FILE")" || clean=1
    long=$(git ls-files --cached --others --exclude-standard '*.swift' | xargs -r wc -l |
        awk -v max="$MAX_FILE_LINES" '$2 != "total" && $1 > max { print $2 ": " $1 " lines" }')
    if [[ -n $long ]]; then
        printf '%s\n  ^ files over %s lines have more than one subject\n' "$long" "$MAX_FILE_LINES"
        clean=1
    fi
    return "$clean"
}
