/// `1 message`, `2 messages`.
///
/// - Parameter plural: of nouns that take no plain s.
package func counted(_ number: some BinaryInteger, _ noun: String, _ plural: String? = nil) -> String {
    counted("\(number)", noun, plural)
}

/// The same of a number that is written already: `1 hop`, `1.5 hops`.
package func counted(_ number: String, _ noun: String, _ plural: String? = nil) -> String {
    number + " " + (number == "1" ? noun : plural ?? noun + "s")
}
