# shellcheck shell=bash
# Sourced by compose/build and Tests/run: finds out which tools and libraries are missing and installs them, or says
# which command would. Each need is named by what is looked for, so that a machine that has it from somewhere else
# than a Debian package is left alone.

# missing_packages NEED… : prints the Debian packages of the needs that this machine does not meet.
missing_packages() {
    local need
    for need in "$@"; do
        case $need in
        dpkg-dev) command -v dpkg-shlibdeps >/dev/null || echo dpkg-dev ;;
        binutils) command -v strip >/dev/null || echo binutils ;;
        pkg-config) command -v pkg-config >/dev/null || echo pkg-config ;;
        libzmq) pkg-config --exists libzmq 2>/dev/null || echo libzmq3-dev ;;
        sqlite) pkg-config --exists sqlite3 2>/dev/null || echo libsqlite3-dev ;;
        sqlite3) command -v sqlite3 >/dev/null || echo sqlite3 ;;
        python) python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv ;;
        podman | runc | debootstrap | w3m | lynx) PATH=$PATH:/usr/sbin command -v "$need" >/dev/null || echo "$need" ;;
        dnsmasq) PATH=$PATH:/usr/sbin command -v dnsmasq >/dev/null || echo dnsmasq-base ;;
        ip) PATH=$PATH:/usr/sbin:/sbin command -v ip >/dev/null || echo iproute2 ;;
        iptables) PATH=$PATH:/usr/sbin:/sbin command -v iptables >/dev/null || echo iptables ;;
        java) command -v java >/dev/null || echo default-jre-headless ;;
        chromium) command -v chromium >/dev/null && command -v chromedriver >/dev/null || echo chromium-driver ;;
        systemd-analyze) command -v systemd-analyze >/dev/null || echo systemd ;;
        haproxy) PATH=$PATH:/usr/sbin command -v haproxy >/dev/null || echo haproxy ;;
        nginx) PATH=$PATH:/usr/sbin command -v nginx >/dev/null || echo nginx-light ;;
        *)
            echo "unknown need: $need" >&2
            return 2
            ;;
        esac
    done
}

# require_packages NEED… : installs what is missing as root or with a sudo that asks nothing; otherwise prints the
# exact command on standard error and returns 1.
require_packages() {
    local missing=()
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -gt 0 ]] || return 0

    local install=(apt-get install --yes --no-install-recommends "${missing[@]}") as_root=()
    if [[ $EUID -ne 0 ]]; then
        as_root=(sudo -n)
    fi
    if ! command -v apt-get >/dev/null; then
        echo "Missing: ${missing[*]} (named as on Debian). This system has no apt-get; please install them." >&2
        return 1
    fi
    if [[ $EUID -ne 0 ]] && ! sudo -n true 2>/dev/null; then
        echo "Missing: ${missing[*]}. Install them with:" >&2
        echo "  sudo apt-get update && sudo ${install[*]}" >&2
        return 1
    fi
    echo "Installing ${missing[*]}" >&2
    if ! "${as_root[@]}" apt-get update --quiet=2 >&2 </dev/null ||
        ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" --quiet=2 >&2 </dev/null; then
        echo "That failed. Please run it by hand:" >&2
        echo "  ${as_root[0]:+sudo }apt-get update && ${as_root[0]:+sudo }${install[*]}" >&2
        return 1
    fi
}

# require_swift : returns 1 with a hint when there is no Swift, or one that is too old for this package.
require_swift() {
    local wanted_major=6 wanted_minor=2 version
    if ! command -v swift >/dev/null; then
        echo "Swift is missing. Get it at https://www.swift.org/install/linux/ ($wanted_major.$wanted_minor or newer)." >&2
        return 1
    fi
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    if [[ $version =~ ^([0-9]+)\.([0-9]+)$ ]] &&
        ((BASH_REMATCH[1] > wanted_major || (BASH_REMATCH[1] == wanted_major && BASH_REMATCH[2] >= wanted_minor))); then
        return 0
    fi
    echo "Swift ${version:-of unknown version} is too old: $wanted_major.$wanted_minor or newer is needed." >&2
    echo "Get it at https://www.swift.org/install/linux/" >&2
    return 1
}
