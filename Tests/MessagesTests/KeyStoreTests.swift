import Glibc
import Messages
import TestSupport
import Testing

@Suite struct KeyStoreTests {
    private let home: TemporaryDirectory
    private let store: KeyStore

    init() throws {
        home = try TemporaryDirectory()
        store = KeyStore(directory: home.file("data/p2pmsg/keys"))
    }

    private func mode(_ path: String) throws -> mode_t {
        var status = stat()
        try #require(stat(path, &status) == 0, "\(path)")
        return status.st_mode & 0o7777
    }

    @Test func create_keepsAnIdentityThatLoads() throws {
        let made = try store.create("tj")
        #expect(try store.load("tj").publicKey == made.publicKey)
        #expect(made.scheme == .ed25519)
        #expect(try store.names() == ["tj"])
    }

    @Test func save_keepsA2011IdentityThatLoads() throws {
        let known = try knownLegacyIdentity()
        try store.save(known, as: "old")
        #expect(try store.load("old").publicKey == known.publicKey)
        #expect(try store.load("old").scheme == .legacy)
    }

    @Test func create_makesADirectoryAndAFileThatOthersCannotRead() throws {
        _ = try store.create("tj")
        for directory in ["data", "data/p2pmsg", "data/p2pmsg/keys"] {
            #expect(try mode(home.file(directory)) == 0o700)
        }
        #expect(try mode(store.path(of: "tj")) == 0o600)
    }

    @Test func create_leavesNothingElseBehind() throws {
        _ = try store.create("one")
        #expect(throws: KeyError.self) { _ = try store.create("one") }
        let stream = try #require(opendir(store.directory))
        defer { closedir(stream) }
        var entries = 0
        while readdir(stream) != nil { entries += 1 }
        #expect(entries == 3, "., .. and the key")
    }

    @Test func create_whereThereIsOne_keepsTheOldOne() throws {
        let first = try store.create("tj")
        #expect(keyError { try store.create("tj") }?.code == .exists)
        #expect(keyError { try store.save(.generate(.ed25519), as: "tj") }?.code == .exists)
        #expect(try store.load("tj").publicKey == first.publicKey)
    }

    @Test func load_ofAnUnknownName_listsThoseThatExist() throws {
        let none = keyError { try store.load("nobody") }
        #expect(none?.code == .unknown)
        #expect(none?.message.contains("there are none yet") == true)
        _ = try store.create("zoe")
        _ = try store.create("anna")
        let some = keyError { try store.load("nobody") }
        #expect(some?.code == .unknown)
        #expect(some?.message.contains("anna, zoe") == true)
        #expect(some?.message.contains("nobody") == true)
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o601, 0o644, 0o777] as [mode_t])
    func load_ofAFileThatOthersCanUse_givesTheCommandThatEndsIt(_ mode: mode_t) throws {
        _ = try store.create("tj")
        let path = try store.path(of: "tj")
        #expect(chmod(path, mode) == 0)
        let error = keyError { try store.load("tj") }
        #expect(error?.code == .exposed)
        #expect(error?.message.hasSuffix("run: chmod 600 \(path)") == true)
        #expect(chmod(path, 0o600) == 0)
        #expect(throws: Never.self) { try store.load("tj") }
    }

    @Test func commands_quoteAPathForTheShell() throws {
        let odd = KeyStore(directory: home.file("it's here"))
        _ = try odd.create("tj")
        #expect(chmod(try odd.path(of: "tj"), 0o644) == 0)
        let expected = "chmod 600 '" + home.path + #"/it'\''s here/tj'"#
        #expect(keyError { try odd.load("tj") }?.message.hasSuffix(expected) == true)
    }

    @Test func directory_thatOthersCanWrite_isRefused() throws {
        _ = try store.create("tj")
        #expect(chmod(store.directory, 0o770) == 0)
        #expect(keyError { try store.load("tj") }?.message.hasSuffix("chmod 700 \(store.directory)") == true)
        #expect(keyError { try store.create("other") }?.code == .exposed)
        #expect(chmod(store.directory, 0o755) == 0)
        #expect(throws: Never.self) { try store.load("tj") }
    }

    @Test func links_pipesAndDirectories_areNoKeys() throws {
        _ = try store.create("tj")
        #expect(symlink(try store.path(of: "tj"), try store.path(of: "link")) == 0)
        #expect(mkfifo(try store.path(of: "pipe"), 0o600) == 0)
        #expect(mkdir(try store.path(of: "folder"), 0o700) == 0)
        for name in ["link", "pipe", "folder"] {
            #expect(keyError { try store.load(name) }?.code == .unusable, "\(name)")
            #expect(keyError { try store.create(name) }?.code == .exists, "\(name)")
        }
    }

    @Test func directory_thatIsAFile_saysSo() throws {
        try home.write("x", to: "file")
        let broken = KeyStore(directory: home.file("file"))
        #expect(keyError { try broken.create("tj") }?.code == .unusable)
        #expect(keyError { try broken.names() }?.code == .unusable)
        let deeper = KeyStore(directory: home.file("file/keys"))
        let error = keyError { try deeper.create("tj") }
        #expect(error?.code == .unusable)
        #expect(error?.message.contains(deeper.directory) == true)
    }

    @Test(arguments: ["", "some words", "p2pmsg-key 1 ed25519\nshort\n", String(repeating: "x", count: 5000)])
    func load_ofAFileThatIsNoKey_saysWhich(_ text: String) throws {
        _ = try store.create("other")
        let path = store.directory + "/tj"
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
        #expect(chmod(path, 0o600) == 0)
        let error = keyError { try store.load("tj") }
        #expect(error?.code == .malformed)
        #expect(error?.message.contains(path) == true)
    }

    @Test(arguments: [
        "", ".", "..", ".hidden", "a/b", "../tj", "a b", "é", "a\u{0}b", "a\n", String(repeating: "x", count: 65),
    ])
    func name_thatIsNoFileName_isRefused(_ name: String) {
        #expect(keyError { try store.load(name) }?.code == .nameMalformed)
        #expect(keyError { try store.create(name) }?.code == .nameMalformed)
        #expect(keyError { try store.path(of: name) }?.code == .nameMalformed)
    }

    @Test(arguments: ["default", "A.b_c-9", "-x", String(repeating: "x", count: 64)])
    func name_ofTheAllowedCharacters_isAccepted(_ name: String) throws {
        _ = try store.create(name)
        #expect(try store.names() == [name])
    }

    @Test func names_leaveOutWhatIsNoName() throws {
        _ = try store.create("b")
        _ = try store.create("a")
        for other in [".hidden", "with space"] { #expect(mkdir(store.directory + "/" + other, 0o700) == 0) }
        #expect(try store.names() == ["a", "b"])
        #expect(try KeyStore(directory: home.file("nowhere")).names() == [])
    }

    @Test func standardDirectory_followsTheXDGSpecification() {
        #expect(KeyStore.standardDirectory(environment: ["XDG_DATA_HOME": "/d", "HOME": "/h"]) == "/d/p2pmsg/keys")
        #expect(KeyStore.standardDirectory(environment: ["HOME": "/h"]) == "/h/.local/share/p2pmsg/keys")
        #expect(
            KeyStore.standardDirectory(environment: ["XDG_DATA_HOME": "relative", "HOME": "/h"])
                == "/h/.local/share/p2pmsg/keys")
        #expect(KeyStore.standardDirectory(environment: ["HOME": ""]).hasSuffix("/.local/share/p2pmsg/keys"))
    }

    @Test func twoWritersOfOneName_haveOneWinner() async throws {
        let store = store
        _ = try store.create("first")
        let winners = await withTaskGroup(of: PublicKey?.self) { group in
            for _ in 0..<16 { group.addTask { try? store.create("tj").publicKey } }
            return await group.reduce(into: [PublicKey]()) { if let key = $1 { $0.append(key) } }
        }
        #expect(winners.count == 1)
        #expect(try store.load("tj").publicKey == winners.first)
    }
}
