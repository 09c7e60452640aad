/// The version of this build; the router reports it, `--version` prints it.
public enum Version {
    public static let current = "0.1.0"
}
