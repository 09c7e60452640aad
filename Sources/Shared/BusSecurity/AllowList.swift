import Messages
import ServiceRuntime
import ZeroMQ

/// Which keys may connect, and who they are: lines of `role public-key name`.
///
/// ```
/// # role    public key                                 name
/// receiver  Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID   store-2
/// client    rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7   alice   # until June
/// ```
/// A `#` begins a comment at the start of a line and after the name; a key may contain one. Two keys may have the same
/// name: that is how a key is replaced. A key stands there once only.
package struct AllowList: Sendable, Hashable {
    /// Nobody.
    package static let empty = AllowList(users: [:])

    package let users: [CurveKey: CurveUser]

    private init(users: [CurveKey: CurveUser]) { self.users = users }

    /// Reads a list; `path` only appears in error messages.
    ///
    /// - Throws: a report of status `usage` that begins with `path:line:`. No line that is wrong is passed over: a list
    ///   with a typo would shut out somebody, or let somebody in who was to be removed.
    package init(_ text: String, path: String) throws(FailureReport) {
        var users: [CurveKey: CurveUser] = [:]
        var lines: [CurveKey: Int] = [:]
        // Windows ends lines with two characters, which Swift takes for one.
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let number = index + 1
            func wrong(_ what: String) -> FailureReport { FailureReport("\(path):\(number): \(what)", status: .usage) }
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, first.first != "#" else { continue }
            let word = SafeText.line(String(first))
            guard let role = BusRole(rawValue: String(first)) else {
                let roles = BusRole.allCases.map(\.rawValue).joined(separator: ", ")
                throw wrong("there is no role '\(word)'; the roles are \(roles)")
            }
            guard words.count == 3 || words.count > 3 && words[3].first == "#" else {
                throw wrong("a line has a role, a public key and a name, not \(words.count) words")
            }
            guard let key = CurveKey(String(words[1])) else {
                throw wrong(
                    "the second word is no public key: 40 characters, as 'p2pmsg key new NAME --service' prints")
            }
            guard AllowList.isName(words[2]) else {
                throw wrong("a name is 1 to \(MessageLimits.keyNameCharacters) of A-Z a-z 0-9 . _ -")
            }
            if let earlier = lines[key] { throw wrong("this key is on line \(earlier) already") }
            lines[key] = number
            users[key] = CurveUser(role: role.rawValue, name: String(words[2]))
        }
        self.init(users: users)
    }

    /// - Throws: a report of status `usage` that names the file, and the line where one is wrong.
    package static func read(_ path: String) throws(FailureReport) -> AllowList {
        try AllowList(
            try readText(path, limit: Limits.allowFileBytes, what: "the allow-list \(path)"), path: path)
    }

    /// Whether somebody who is on this list isn't on the other one any more, or is somebody else there.
    package func hasLost(in other: AllowList) -> Bool {
        users.contains { key, user in other.users[key]?.role != user.role }
    }

    private static func isName(_ text: Substring) -> Bool {
        (1...MessageLimits.keyNameCharacters).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isUnreserved && $0 != UInt8(ascii: "~") }
    }
}
