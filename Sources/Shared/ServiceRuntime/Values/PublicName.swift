/// A name under which visitors know a server, as it stands in `Host`.
package struct PublicName: Hashable, Sendable, SettingValue {
    package static let expectation = "a name of a host such as wall.example.org, without https:// and without a port"

    /// In lower case.
    package let text: String

    package init?(_ text: String) {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Limits.hostNameBytes,
            labels.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0.isUnreserved && $0 != UInt8(ascii: "~") } })
        else { return nil }
        self.text = text.lowercased()
    }
}
