/// Where an encoder or a decoder stands: the way there, and how deep that is.
///
/// `Codable` nests a call for each level, so that both depths have a limit.
struct CodingPlace {
    let trail: CodingTrail
    /// Levels of values, as a document counts them; 1 for the whole value.
    let level: Int
    /// Calls of `encode(to:)` or `init(from:)` inside each other. More than the levels where types wrap others.
    let callDepth: Int

    /// Where a whole value stands.
    static var root: CodingPlace { CodingPlace(trail: .start, level: 1, callDepth: 0) }
    /// What holds a call's parameters; each of them is a whole value.
    static var parameters: CodingPlace { CodingPlace(trail: .start, level: 0, callDepth: 0) }

    func after(_ step: CodingStep) -> CodingPlace {
        CodingPlace(trail: trail.after(step), level: level(after: step), callDepth: callDepth + 1)
    }

    /// Where an encoder of a nested container stands. Nothing is ever encoded past the first place that is too deep, and a
    /// list without end would take as many calls to destroy.
    func nested(_ step: CodingStep, depthMax: Int) -> CodingPlace { level > depthMax ? self : after(step) }

    func level(after step: CodingStep) -> Int {
        switch step {
        case .member, .item: level + 1
        case .itself: level
        }
    }

    /// Two calls for each level, and some for the last one.
    static func callDepthMax(_ depthMax: Int) -> Int { 2 * depthMax + 16 }
}

/// From a value to one that it holds.
enum CodingStep {
    case member(any CodingKey)
    case item(Int)
    /// A type that is encoded as what it wraps.
    case itself
}

/// A coding path as a list that shares its beginning with those beside it: it becomes an array only where one is asked
/// for, in an error as a rule.
indirect enum CodingTrail {
    case start
    case step(any CodingKey, after: CodingTrail)

    func after(_ step: CodingStep) -> CodingTrail {
        switch step {
        case .member(let key): .step(key, after: self)
        case .item(let index): .step(ItemKey(index: index), after: self)
        case .itself: self
        }
    }

    var path: [any CodingKey] {
        var keys: [any CodingKey] = []
        var rest = self
        while case .step(let key, let earlier) = rest {
            keys.append(key)
            rest = earlier
        }
        return keys.reversed()
    }

    func path(to step: CodingStep) -> [any CodingKey] { after(step).path }
}

/// The key of an array's item.
struct ItemKey: CodingKey {
    let index: Int

    init(index: Int) { self.index = index }
    init?(intValue: Int) { index = intValue }
    init?(stringValue: String) { return nil }

    var intValue: Int? { index }
    var stringValue: String { "Index \(index)" }
}

/// The key of a class's superclass.
struct SuperclassKey: CodingKey {
    init() {}
    init?(intValue: Int) { return nil }
    init?(stringValue: String) { return nil }

    var intValue: Int? { nil }
    var stringValue: String { "super" }
}

/// "lines[3].article", for people.
func codingPathText(_ path: [any CodingKey]) -> String {
    var text = ""
    for key in path {
        if let index = key.intValue {
            text += "[\(index)]"
        } else {
            text += (text.isEmpty ? "" : ".") + key.stringValue
        }
    }
    return text
}
