extension SearchWords {
    /// Whether folding a character gives more than twice its bytes: fractions, squares of Katakana, words and sentences in one
    /// Arabic character. A message of these would take many times its size of an index, and of work.
    package static func stretches(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0xBC && stretching.contains { $0.contains(scalar.value) }
    }

    /// By the tables of Unicode; a test goes through all characters.
    private static let stretching: [ClosedRange<UInt32>] = [
        0xBC...0xBE, 0x222D...0x222D, 0x2230...0x2230, 0x2A0C...0x2A0C, 0x321D...0x321E, 0x3300...0x3357,
        0x337F...0x337F,
        0x33AE...0x33AF, 0xFDF2...0xFDF8, 0xFDFA...0xFDFC, 0x1D160...0x1D164, 0x1D1BD...0x1D1C0, 0x1F240...0x1F248,
    ]
}
