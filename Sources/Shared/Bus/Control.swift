import Messages

/// What an operator asks of one store. Each is harmless when it is asked twice: the second time it finds its work done.
///
/// Over `ipc://` everybody who may enter the bus's directory may ask, unless the users there have roles.
package enum Control: Sendable, Hashable {
    /// Makes, changes or takes back a rule.
    case set(Rule)
    /// Checks and stores messages that were received elsewhere or earlier. They do not go to the mesh.
    case store([StoredMessage])
    /// Hands over a copy of the store, step by step.
    case copy(CopyStep)
}

/// What the operator of a store has said of a message, a key or a key's name. The newest word about a subject counts,
/// whichever store heard it first.
package struct Rule: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// The message is kept and never shown.
        case hiddenMessage = 1
        /// Nothing of this author is shown or taken any more.
        case blockedKey = 2
        /// What this node calls an author, whatever the author claims.
        case pinnedName = 3
        /// The author has written on this node's command line: no stranger.
        case known = 4
    }

    package enum Subject: Sendable, Hashable {
        case message(MessageID)
        case key(PublicKey)
        case name(of: PublicKey)
        case known(PublicKey)
    }

    package let subject: Subject
    /// False: it was taken back.
    package let isActive: Bool
    /// When it was said, milliseconds since 1970.
    package let at: Int64
    /// Why, for other operators; at most ``BusLimits/reasonBytes``, may be empty. Of a pinned name that holds: the name.
    package let reason: String

    package init(subject: Subject, isActive: Bool, at: Int64, reason: String = "") {
        self.subject = subject
        self.isActive = isActive
        self.at = at
        self.reason = reason
    }

    /// A pinned name.
    package init(calling key: PublicKey, _ name: DisplayName, at: Int64) {
        self.init(subject: .name(of: key), isActive: true, at: at, reason: name.text)
    }

    /// Whether a pinned name that holds is a name.
    package var isWellFormed: Bool {
        kind != .pinnedName || !isActive || (try? DisplayName(reason)) != nil
    }

    package var kind: Kind {
        switch subject {
        case .message: .hiddenMessage
        case .key: .blockedKey
        case .name: .pinnedName
        case .known: .known
        }
    }

    /// The subject as bytes, by which rules are ordered and found: the id, or the key's text in UTF-8.
    package var subjectBytes: [UInt8] {
        switch subject {
        case .message(let id): id.bytes
        case .key(let key), .name(of: let key), .known(let key): Array(key.text.utf8)
        }
    }
}

extension Rule.Subject {
    /// Reads ``Rule/subjectBytes``; nil for bytes that are none.
    package init?(_ kind: Rule.Kind, bytes: [UInt8]) {
        switch kind {
        case .hiddenMessage:
            guard let id = MessageID(bytes: bytes) else { return nil }
            self = .message(id)
        case .blockedKey, .pinnedName, .known:
            guard let text = String(validating: bytes, as: UTF8.self), let key = try? PublicKey(text) else {
                return nil
            }
            self = kind == .blockedKey ? .key(key) : kind == .known ? .known(key) : .name(of: key)
        }
    }
}

/// What became of messages that were given with ``Control/store(_:)``.
package struct ImportCounts: Sendable, Hashable {
    package var stored: UInt32
    package var duplicates: UInt32
    /// Refusal codes with how many got each.
    package var refused: [String: UInt32]

    package init(stored: UInt32 = 0, duplicates: UInt32 = 0, refused: [String: UInt32] = [:]) {
        self.stored = stored
        self.duplicates = duplicates
        self.refused = refused
    }
}

/// A message that five deliveries could not place into a store; the router keeps it for the operator.
package struct DeadLetter: Sendable, Hashable, BusRecord, BusListed {
    package let store: StoreID
    /// Milliseconds since the last attempt ended.
    package let age: UInt64
    package let message: SignedMessage

    static let listLimit = BusLimits.deadLetters
    static let fields = Fields(DeadLetter.init, \.store, \.age, \.message)

    package init(store: StoreID, age: UInt64, message: SignedMessage) {
        self.store = store
        self.age = age
        self.message = message
    }
}

/// Who published a message on this node's bus.
package enum Origin: UInt8, Sendable, Hashable {
    /// Anybody who can reach the page or the API.
    case visitor
    /// Somebody at this node's command line.
    case commandLine
}

/// Who handed a message to the router.
package enum Source: Sendable, Hashable {
    /// This node's command line: its people.
    case client
    /// This node's page or API: anybody.
    case visitor
    /// A switch of the mesh: its address without the port where the address is public, because whoever has one address
    /// has all of its ports.
    case peer(String)

    package init(_ origin: Origin) {
        self = origin == .commandLine ? .client : .visitor
    }

    /// Who published it on this node's bus; nil: somebody elsewhere.
    package var origin: Origin? {
        switch self {
        case .client: .commandLine
        case .visitor: .visitor
        case .peer: nil
        }
    }

    /// Whether it was published on this node's bus.
    package var isOwn: Bool { origin != nil }
}
