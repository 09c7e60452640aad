import Bus
import BusClient
import Messages
import TestSupport
import Testing

/// Ids and keys as people give them.
@Suite struct ReferenceTests {
    private let hex = String(repeating: "0123456789abcdef", count: 4)

    @Test func id_isWholeOrItsFirstDigits() throws {
        #expect(MessageReference(hex) == .whole(try #require(MessageID(hex: hex))))
        #expect(MessageReference(hex.uppercased()) == MessageReference(hex))
        #expect(MessageReference("3F2A90") == .prefix("3f2a90"))
        #expect(MessageReference(String(hex.dropLast())) == .prefix(String(hex.dropLast())))
        for text in ["", "3f2a9", "3f2a9x", "3f2a90…", hex + "0", "３f2a90"] {
            #expect(MessageReference(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        ("ed25519:pQz4Kd", ["ed25519:pQz4Kd|"]), ("ed25519:pQz4Kd…wxyz", ["ed25519:pQz4Kd|wxyz"]),
        ("pQz4Kd", ["ed25519:pQz4Kd|"]), ("BEEF00", ["beef00|", "ed25519:BEEF00|"]),
        ("2011:beef00…12Ab", []), ("beef00…12Ab", ["beef00|12ab", "ed25519:beef00|12Ab"]),
        ("ed25519:pQz4K", []), ("pQz4K", []), ("pQz4K d", []), ("2011:pQz4Kd", []), ("pQz4Kd…w z", []),
        ("Ада Лавлейс", []),
    ])
    func key_isWhatItBeginsAndEndsWith(_ text: String, _ parts: [String]) throws {
        let reference = try #require(KeyReference(text))
        #expect(reference.parts.map { "\($0.prefix)|\($0.suffix)" } == parts)
    }

    @Test func name_isWhomTheOperatorCallsThat_thenWhoClaimsIt() async throws {
        let keys = (0..<3).map { _ in Identity.generate(.ed25519).publicKey }.sorted { $0.text < $1.text }
        let ada = try DisplayName("Ada Lovelace")
        let claiming = AuthorName(claimed: ada, pinned: nil)
        func found(_ candidates: [Candidate], takesNames: Bool = true) async throws -> Finding<PublicKey> {
            let reference = try #require(KeyReference("  Ada   Lovelace "))
            return try await reference.find(takesNames: takesNames) { sought in
                #expect(sought == .name(ada))
                return candidates
            }
        }
        let claimants = keys.reversed().map { Candidate.author($0, claiming) }
        guard case .several(let several) = try await found(claimants) else { throw Unexpected() }
        #expect(several.map(\.candidate) == claimants.reversed(), "in their order")
        #expect(several.allSatisfy { $0.reasons == [.claim] })
        let pinned = Candidate.author(keys[1], AuthorName(claimed: nil, pinned: ada))
        guard case .one(let key) = try await found([claimants[0], pinned]) else { throw Unexpected() }
        #expect(key == keys[1])
        guard case .nothing = try await found([]) else { throw Unexpected() }
        guard case .malformed = try await found(claimants, takesNames: false) else { throw Unexpected() }
    }

    private struct Unexpected: Error {}
}
