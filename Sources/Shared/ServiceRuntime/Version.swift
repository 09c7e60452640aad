/// The version of this build; the router reports it, `--version` prints it.
package enum Version {
    package static let current = "0.2.0"
}
