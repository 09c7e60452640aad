/// How the numbers of a service appear in `/metrics`: which family each belongs to, with which label, and what it means.
///
/// The service counts under plain names, which `p2pmsg status` shows as they are. For Prometheus, numbers that are
/// reasons of one thing (`line_wrong`, `line_stale`) become one family with a label; a name that is not in the catalogue
/// becomes a family of its own, so that nothing that is counted is hidden.
package struct MetricCatalogue: Sendable {
    /// One metric family, without the service's prefix and without `_total`.
    struct Family: Hashable, Sendable {
        let name: String
        let help: String
    }

    private var places: [String: (family: Family, label: MetricLabel?)] = [:]
    private var prefixes: [(prefix: String, family: Family, label: String)] = []

    package init() {}

    /// One number, one family.
    /// - Parameters:
    ///   - number: the name under which it is counted.
    ///   - name: the family's name where that differs: it ends with the unit, if there is one.
    package mutating func add(_ number: String, as name: String? = nil, _ help: String) {
        places[number] = (Family(name: name ?? number, help: help), nil)
    }

    /// Several numbers of one family, told apart by a label.
    /// - Parameter values: the numbers' names and the values of the label.
    package mutating func add(family name: String, by label: String, _ values: [String: String], _ help: String) {
        let family = Family(name: name, help: help)
        for (number, value) in values { places[number] = (family, MetricLabel(label, value)) }
    }

    /// Every number whose name begins with `prefix`; the rest of the name is the label's value.
    package mutating func add(prefix: String, as name: String, by label: String, _ help: String) {
        prefixes.append((prefix, Family(name: name, help: help), label))
    }

    /// The numbers of some families.
    package func numbers(in families: Set<String>) -> Set<String> {
        Set(places.filter { families.contains($0.value.family.name) }.keys)
    }

    func place(of number: String) -> (family: Family, label: MetricLabel?) {
        if let place = places[number] { return place }
        if let (prefix, family, label) = prefixes.first(where: { number.hasPrefix($0.prefix) }) {
            return (family, MetricLabel(label, String(number.dropFirst(prefix.count))))
        }
        return (Family(name: number, help: "What the service counts as \(number)."), nil)
    }
}
