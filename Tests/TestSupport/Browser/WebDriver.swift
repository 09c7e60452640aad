import Foundation

/// A real browser, driven over W3C WebDriver: one Chromium, of which the last reference ends all.
public final class WebDriver: Sendable {
    /// What an element is called in the protocol (section 12.1).
    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"

    private let driver: TestProcess
    private let http: HTTPClient
    private let session: String
    private let home: String

    /// What the driver answered instead of a value.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public static var isInstalled: Bool { (try? Binaries.installed("chromedriver")) != nil }

    /// - Parameters:
    ///   - script: false: as for somebody who switched JavaScript off.
    ///   - isDark: the colours that the visitor prefers.
    public static func start(
        in site: TestSite, script: Bool = true, width: Int = 1280, height: Int = 900, isDark: Bool = false
    ) async throws -> WebDriver {
        let port = try FreePort.tcp()
        let home = site.directory.file("browser-\(port)")
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let driver = try TestProcess(
            Binaries.installed("chromedriver"), ["--port=\(port)"],
            environment: ["HOME": home, "PATH": "/usr/bin:/bin", "TMPDIR": home])
        let http = HTTPClient(.tcp(port: port))
        try await eventually("chromedriver answers", within: .seconds(20)) {
            try await http.get("/status").status == 200
        }
        var arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--user-data-dir=\(home)/profile",
        ]
        if isDark { arguments.append("--blink-settings=preferredColorScheme=0") }
        var options: [String: Any] = ["args": arguments]
        if !script { options["prefs"] = ["profile.managed_default_content_settings.javascript": 2] }
        let capabilities: [String: Any] = [
            "capabilities": [
                "alwaysMatch": ["browserName": "chrome", "goog:chromeOptions": options, "timeouts": ["script": 10_000]]
            ]
        ]
        let answer = try await send("POST", "/session", capabilities, over: http, within: .seconds(60))
        let browser = WebDriver(driver: driver, http: http, session: answer["sessionId"].string ?? "", home: home)
        // The window, decorations included, is not the page: the emulated size is.
        try await browser.developerCommand(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
        return browser
    }

    private init(driver: TestProcess, http: HTTPClient, session: String, home: String) {
        self.driver = driver
        self.http = http
        self.session = session
        self.home = home
    }

    deinit { driver.signal(SIGTERM) }

    /// Ends the browser in order.
    public func quit() async {
        _ = try? await WebDriver.send("DELETE", "/session/\(session)", nil, over: http)
        driver.signal(SIGTERM)
        _ = try? await driver.waitForExit(within: .seconds(10))
    }

    /// Puts the browser's processes to sleep for a while, as a machine does whose lid is closed.
    public func suspend(for duration: Duration) async throws {
        let mark = "HOME=\(home)"
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
            .filter { pid in
                let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
                return String(decoding: environment, as: UTF8.self).split(separator: "\0").contains { $0 == mark }
            }
        for process in processes { kill(process, SIGSTOP) }
        defer { for process in processes { kill(process, SIGCONT) } }
        try await letTimePass(duration)
    }

    /// Loads a page and waits until it is loaded.
    public func open(_ address: String) async throws { _ = try await command("url", ["url": address]) }

    /// Opens a tab and goes on there.
    ///
    /// - Returns: what ``turn(to:)`` takes.
    public func openTab() async throws -> String {
        let handle = try await command("window/new", ["type": "tab"])["handle"].string ?? ""
        try await turn(to: handle)
        return handle
    }

    /// Goes on in another tab, which is shown.
    public func turn(to tab: String) async throws { _ = try await command("window", ["handle": tab]) }

    /// Closes the tab; ``turn(to:)`` says where to go on.
    public func closeTab() async throws {
        _ = try await WebDriver.send("DELETE", "/session/\(session)/window", nil, over: http)
    }

    /// Runs a script in every page of this tab before the page's own.
    public func runFirst(_ script: String) async throws {
        try await developerCommand("Page.addScriptToEvaluateOnNewDocument", ["source": script])
    }

    /// Where downloads are kept from now on.
    public func keepDownloads(in directory: String) async throws {
        try await developerCommand("Browser.setDownloadBehavior", ["behavior": "allow", "downloadPath": directory])
    }

    /// Styles are those of paper from now on.
    public func showAsPrinted() async throws {
        try await developerCommand("Emulation.setEmulatedMedia", ["media": "print"])
    }

    @discardableResult
    private func developerCommand(_ name: String, _ parameters: [String: Any]) async throws -> JSON {
        try await command("goog/cdp/execute", ["cmd": name, "params": parameters])
    }

    /// Runs a script in the page: the value of its `return`, awaited where it is a promise.
    @discardableResult
    public func run(_ script: String, _ arguments: [Any] = []) async throws -> JSON {
        try await command("execute/sync", ["script": script, "args": arguments])
    }

    /// Waits until a script returns something true.
    public func wait(for what: String, within limit: Duration = .seconds(10), _ script: String) async throws {
        try await eventually(what, within: limit) { try await self.run(script) == .bool(true) }
    }

    /// Types into the element that a selector finds, as a keyboard does.
    public func type(_ text: String, into selector: String) async throws {
        _ = try await command("element/\(element(selector))/value", ["text": text])
    }

    /// Presses keys, wherever the focus is.
    public func press(_ keys: String) async throws {
        let actions = keys.flatMap { key in
            [["type": "keyDown", "value": String(key)], ["type": "keyUp", "value": String(key)]]
        }
        _ = try await command("actions", ["actions": [["type": "key", "id": "keyboard", "actions": actions]]])
    }

    public func click(_ selector: String) async throws {
        _ = try await command("element/\(element(selector))/click", [:])
    }

    /// The picture of the whole page as a PNG.
    public func screenshot() async throws -> Data {
        let answer = try await developerCommand(
            "Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
        return Data(base64Encoded: answer["data"].string ?? "") ?? Data()
    }

    private func element(_ selector: String) async throws -> String {
        let answer = try await command("element", ["using": "css selector", "value": selector])
        guard let id = answer[WebDriver.elementKey].string else { throw Failure(description: "no \(selector)") }
        return id
    }

    private func command(_ path: String, _ body: [String: Any]) async throws -> JSON {
        try await WebDriver.send("POST", "/session/\(session)/\(path)", body, over: http)
    }

    private static func send(
        _ method: String, _ path: String, _ body: [String: Any]?, over http: HTTPClient,
        within limit: Duration = .seconds(30)
    ) async throws -> JSON {
        let bytes = try body.map { Array(try JSONSerialization.data(withJSONObject: $0)) }
        let response = try await http.request(
            method, path, headers: ["Content-Type": "application/json"], body: bytes, within: limit)
        let value = try response.json()["value"]
        guard response.status == 200 else {
            throw Failure(description: "\(path): \(value["message"].string ?? response.body)")
        }
        return value
    }
}
