import Foundation
import ReceiverStore
import StoreConformance
import TestSupport
import Testing

@testable import SQLiteStore

/// The directory in which copies are made.
@Suite struct CopyPlaceTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func files() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory.file("store.sqlite.copying"))) ?? []
    }

    @Test func whatAKilledReceiverLeft_isGoneAtTheNextStart() throws {
        try Fixture.store(in: directory).close()
        try FileManager.default.createDirectory(
            atPath: directory.file("store.sqlite.copying"), withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        try directory.write("half", to: "store.sqlite.copying/copy")
        let store = try Fixture.store(in: directory)
        #expect(files().isEmpty)
        store.close()
    }

    @Test func copyThatAnotherReceiverMakes_isLeftAlone() throws {
        let store = try Fixture.store(in: directory)
        let place = try CopyPlace(store: directory.file("store.sqlite"))
        try #require(try place.lock())
        _ = try place.emptyFile()
        let other = try Fixture.store(in: directory)
        #expect(files() == ["copy"])
        let error = #expect(throws: StoreError.self) { try other.copy() }
        #expect(error?.code == .backupBusy)
        #expect(files() == ["copy"])
        store.close()
        other.close()
    }

    @Test func placeThatOthersCanEnter_isNotUsed() throws {
        let store = try Fixture.store(in: directory)
        try FileManager.default.createDirectory(
            atPath: directory.file("store.sqlite.copying"), withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755])
        let error = #expect(throws: StoreError.self) { try store.copy() }
        #expect(error?.code == .backupFailed)
        #expect(error?.message.contains("chmod 700") == true)
        store.close()
    }
}
