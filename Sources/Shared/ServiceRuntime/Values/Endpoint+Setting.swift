import TelehashWire

extension Endpoint {
    /// As a setting.
    ///
    /// - Throws: what is expected.
    @Sendable package static func parse(_ text: String) throws(FailureReport) -> Endpoint {
        try Endpoint(text).orExpected("IP:PORT such as 192.0.2.1:42424 or [2001:db8::1]:42424")
    }
}
