import TelehashWire

/// What the text of a setting stands for.
package protocol SettingValue: Sendable {
    /// What the text should be, for messages to people: "HOST:PORT such as …".
    static var expectation: String { get }

    init?(_ text: String)
}

extension SettingValue {
    /// - Throws: a report of status `usage` that says what is expected.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> Self {
        try Self(text).orExpected(expectation)
    }
}

extension Endpoint: SettingValue {
    package static let expectation = "IP:PORT such as 192.0.2.1:42424 or [2001:db8::1]:42424"
}

extension RawRepresentable<String> where Self: CaseIterable & Sendable {
    /// - Throws: a report of status `usage` that lists the words.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> Self {
        try Self(rawValue: text).orExpected("one of: " + allCases.map(\.rawValue).joined(separator: " "))
    }
}

extension Optional {
    /// What a setting's text stands for.
    ///
    /// - Throws: a report of status `usage` that says what the text should have been, where it stands for nothing.
    package func orExpected(_ what: String) throws(FailureReport) -> Wrapped {
        guard let self else { throw FailureReport("expected " + what, status: .usage) }
        return self
    }
}
