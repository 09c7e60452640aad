/// The limits of this module: each has a unit and a reason.
enum Limits {
    /// Bytes of an allow-list. A line has about 80, so it is more than 10,000 processes; a larger file is the wrong one.
    static let allowFileBytes = 1 << 20

    /// Users of this machine whose roles are remembered, a few dozen bytes each.
    static let usersRemembered = 1_024
}
