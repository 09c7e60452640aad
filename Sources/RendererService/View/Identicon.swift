import Messages

/// A small picture made from a key, so that two authors are told apart at a glance. It proves nothing: a key with a
/// like picture can be searched for.
enum Identicon {
    /// Backgrounds on which white has a contrast of 3:1 or more, and that stand out on light and dark pages.
    private static let colours = [
        "c2410c", "b4530a", "97690c", "5f7d12", "2f8132", "118050", "0f7f7a", "127a9c", "1c70c8", "4a63d8", "6f57d9",
        "8f4ad0", "ac3fc0", "c1369a", "cf3568", "c93a3a",
    ]

    /// Cells on a side; the right half mirrors the left.
    private static let side = 5

    /// An SVG element that needs no style: 64 variants of colour pair and 2^15 patterns.
    static func svg(for key: PublicKey) -> String {
        let hash = Fingerprint((key.scheme == .ed25519 ? key.text : key.likeness).utf8).value
        let colour = colours[Int(hash & 15)]
        let path = pattern(hash >> 4)
        return "<svg class=\"icon\" viewBox=\"0 0 7 7\" aria-hidden=\"true\" focusable=\"false\">"
            + "<rect width=\"7\" height=\"7\" rx=\"1.6\" fill=\"#\(colour)\"/><path fill=\"#fff\" d=\"\(path)\"/></svg>"
    }

    /// The cells as a path; runs of cells in a row are one rectangle.
    private static func pattern(_ bits: UInt64) -> String {
        var path = ""
        for row in 0..<side {
            var column = 0
            while column < side {
                let start = column
                while column < side, isFilled(bits, row: row, column: column) { column += 1 }
                if column > start { path += "M\(start + 1) \(row + 1)h\(column - start)v1h-\(column - start)z" }
                if column == start { column += 1 }
            }
        }
        return path
    }

    private static func isFilled(_ bits: UInt64, row: Int, column: Int) -> Bool {
        let mirrored = min(column, side - 1 - column)
        return bits >> UInt64(row * 3 + mirrored) & 1 == 1
    }
}
