# shellcheck shell=bash
# Sourced by Tests/run and Tests/Containers/run: programs that only tests need. They go to .build/tools and .build/checks,
# not into the system: a Debian package with a server would start it.

# Validators with the schemas of Compose and Kubernetes, and a reader of feeds; pinned: a newer one must not fail an old
# commit.
readonly CHECKS=(check-jsonschema==0.39.0 kubernetes-validate==1.37.0 PyYAML==6.0.4 feedparser==6.0.14)

# checks_python : prints a Python that has the validators, after making it if need be.
checks_python() {
    local home=$PWD/.build/checks
    local mark=$home/.made-${CHECKS[*]//[ =]/_}
    mark=${mark// /_}
    if [[ ! -e $mark ]]; then
        rm -rf "$home"
        { python3 -m venv "$home" && "$home/bin/pip" install --quiet --disable-pip-version-check "${CHECKS[@]}"; } \
            >&2 </dev/null || return 1
        touch "$mark"
    fi
    echo "$home/bin/python"
}

# provide_promtool : .build/tools/promtool, the machine's own or one out of the Debian package.
provide_promtool() {
    local tools=$PWD/.build/tools download
    [[ -x $tools/promtool ]] && return 0
    mkdir -p "$tools/package"
    if command -v promtool >/dev/null; then
        ln -sf "$(command -v promtool)" "$tools/promtool"
        return 0
    fi
    command -v dpkg-deb >/dev/null || return 1
    # The package also has a server, and installing it would start that.
    (
        cd "$tools/package" || exit 1
        download=(apt-get download --quiet=2 --option APT::Sandbox::User=root prometheus)
        "${download[@]}" || { apt-get update --quiet=2 && "${download[@]}"; }
    ) >&2 </dev/null && dpkg-deb --fsys-tarfile "$tools"/package/prometheus_*.deb |
        tar --extract --to-stdout ./usr/bin/promtool >"$tools/promtool" && chmod +x "$tools/promtool"
    local status=$?
    rm -rf "$tools/package"
    ((status == 0)) || rm -f "$tools/promtool"
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
    "$promtool" check config compose/prometheus/prometheus.yaml
}
