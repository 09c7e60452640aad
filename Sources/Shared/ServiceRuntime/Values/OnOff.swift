/// What a setting says that does something or does not.
package enum OnOff: String, CaseIterable, Sendable {
    case on
    case off
}
