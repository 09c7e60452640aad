/// What an author is called beside the key: claimed by the author with the signal `+name`, or given by the operator of a
/// node. It identifies nobody: two authors may have one name, and a name never stands where a key is asked for.
package struct DisplayName: Hashable, Sendable, CustomStringConvertible {
    /// 1 to ``MessageLimits/nameBytes`` bytes of UTF-8.
    package let text: String

    /// A name as it is on the wire, in its one spelling: without white space at its ends, other white space than single
    /// spaces, invisible characters (controls, direction marks, joiners that join nothing, fillers, unassigned ones), piles
    /// of marks, or the `…` by which keys are shortened.
    ///
    /// - Throws: what is wrong with it, as a ``NameError``.
    package init(_ text: String) throws(NameError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= MessageLimits.nameBytes else { throw .tooLong(text.utf8.count) }
        var marks = 0
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            guard DisplayName.isAllowed(scalar) else { throw .notAllowed(scalar) }
            marks = scalar.isMark ? marks + 1 : 0
            guard marks <= MessageLimits.nameMarks else { throw .notAllowed(scalar) }
            // What is not seen by itself follows something that is; a joiner or a space has something behind it, too.
            if scalar == " " || scalar.isJoiner || scalar.isMark {
                guard let previous, previous != " ", !previous.isJoiner else { throw .notAllowed(scalar) }
            }
            previous = scalar
        }
        guard let previous, previous != " ", !previous.isJoiner else { throw .notAllowed(previous ?? " ") }
        self.text = text
    }

    /// A name as people type it: white space at its ends and runs of spaces are not meant. One of several lines is a mistake, and so is
    /// one that looks like a key.
    ///
    /// - Throws: ``NameError``.
    package init(typed text: String) throws(NameError) {
        let words = text.unicodeScalars.split { $0.properties.isWhitespace }
        if let first = words.first, let last = words.last {
            let inner = text.unicodeScalars[first.startIndex..<last.endIndex]
            if let lineEnd = inner.first(where: { Character($0).isNewline }) { throw .notAllowed(lineEnd) }
        }
        let name = words.map { String($0) }.joined(separator: " ")
        guard !name.lowercased().hasPrefix("\(Scheme.ed25519.rawValue):") else { throw .isKey }
        try self.init(name)
    }

    package var description: String { text }

    // Names are compared as bytes: texts that only look equal are different claims.
    package static func == (a: Self, b: Self) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
    package func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar.isJoiner || scalar.isPictureSelector || scalar != "…" && scalar.isVisible
    }
}

/// Why a text is no ``DisplayName``.
package enum NameError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    /// The bytes that it has.
    case tooLong(Int)
    /// The first character that is not allowed, or not where it is.
    case notAllowed(Unicode.Scalar)
    /// It begins as keys do.
    case isKey

    /// A sentence for people, without a full stop.
    package var description: String {
        switch self {
        case .empty: "a name cannot be empty"
        case .isKey: "a name cannot begin as a key does"
        case .tooLong(let count):
            "a name has at most \(MessageLimits.nameBytes) bytes; this one has \(count - MessageLimits.nameBytes) too many"
        case .notAllowed(let scalar):
            "the character \(scalar.codePoint) cannot stand there in a name"
        }
    }
}

/// What a store knows an author as.
package struct AuthorName: Hashable, Sendable {
    /// What the author claims to be called, in the newest of the messages that say it.
    package let claimed: DisplayName?
    /// What the operator of the store's node calls the author.
    package let pinned: DisplayName?

    /// Who else is called so, or so that people take it for one name, and was first here or was called so by the operator.
    package let namesake: PublicKey?

    package static let none = AuthorName(claimed: nil, pinned: nil)

    package init(claimed: DisplayName?, pinned: DisplayName?, namesake: PublicKey? = nil) {
        self.claimed = claimed
        self.pinned = pinned
        self.namesake = namesake
    }

    /// What is shown: the operator's word stands above the author's.
    package var shown: DisplayName? { pinned ?? claimed }
}
