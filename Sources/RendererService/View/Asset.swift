/// A file that pages refer to. Its address changes with its content, so browsers may keep it for good.
struct Asset: Sendable {
    /// `wall.0123456789abcdef.css`
    let fileName: String
    let contentType: String
    let bytes: [UInt8]

    static let style = Asset("wall", "css", "text/css; charset=utf-8", PackageResources.wall_css)
    static let script = Asset(
        "wall", "js", "text/javascript; charset=utf-8",
        [
            PackageResources.page_js, PackageResources.signing_js, PackageResources.write_js, PackageResources.mute_js,
            PackageResources.stream_js, PackageResources.wall_js,
        ].reduce([], +))
    static let all = [style, script]

    /// The page's own picture, inside the page: it is smaller than a request for it.
    static let icon =
        "data:image/svg+xml," + Percent.encoded(String(decoding: PackageResources.icon_svg, as: UTF8.self))

    static func named(_ fileName: String) -> Asset? { all.first { $0.fileName == fileName } }

    private init(_ name: String, _ suffix: String, _ contentType: String, _ bytes: [UInt8]) {
        fileName = "\(name).\(Fingerprint(bytes)).\(suffix)"
        self.contentType = contentType
        self.bytes = bytes
    }
}
