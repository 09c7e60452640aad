/// How high a text stands on a page. An estimate: which letters a reader's browser has is not known here.
enum TextHeight {
    /// - Parameter text: with line feeds only (``TextHTML/withPlainNewlines(_:)``).
    /// - Returns: lines in a column of ``Limits/columnLetters``.
    static func lines(of text: String) -> Int {
        var lines = 1
        var width = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x2028, 0x2029:
                lines += 1
                width = 0
            default:
                let letters = scalar == "\t" ? tab - width % tab : letters(of: scalar)
                width += letters
                if width > Limits.columnLetters {
                    lines += 1
                    width = letters
                }
            }
        }
        return lines
    }

    /// Letters from one stop of a tabulator to the next, where a style says nothing else.
    private static let tab = 8

    /// How wide it is in Latin letters.
    private static func letters(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case ..<0x1100: 1
        // Whole sentences as one sign: U+FDFD is wider than many a screen's line.
        case 0xFDFD: 32
        case 0xFDFA, 0xFDFB: 10
        // Cuneiform.
        case 0x12000...0x1254F: 5
        default: 2
        }
    }
}
