import XMLRPC

extension BuiltInFunctions {
    static let sequences = [
        BuiltInFunction("reversed(sequence)", "An array, string or base64 from its end to its start") {
            switch $0["sequence"].value {
            case .array(let items): .array(items.reversed())
            case .base64(let bytes): .base64(bytes.reversed())
            case .string(let text): .string(string(text.unicodeScalars.reversed()))
            default: throw $0["sequence"].wrong("an array, a string or a base64")
            }
        },
        BuiltInFunction("concat(first, *more)", "Strings, base64 or arrays as one", concatenate),
        BuiltInFunction(
            "slice(sequence, start=0, stop=end, step=1)",
            "Python's sequence[start:stop:step]: of an array, string or base64",
            slice),
        BuiltInFunction(
            "get(container, key, default=)",
            "The item of an array by its index, from the end if negative, or the member of a struct by its name", get),
        BuiltInFunction(
            "range(start, stop=, step=1)",
            "The integers from start to before stop; of one argument, from 0 to before it",
            range),
    ]

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func concatenate(_ call: FunctionCall) throws -> XMLRPCValue {
        let all = [call["first"]] + call.more
        switch call["first"].value {
        case .array: return .array(try all.flatMap { try $0.array() })
        case .string, .base64:
            let first = try call["first"].text()
            return first.value(Array(try all.map { try $0.text(like: first).bytes }.joined()))
        default: throw call["first"].wrong("an array, a string or a base64")
        }
    }

    private static func slice(_ call: FunctionCall) throws -> XMLRPCValue {
        let sequence = call["sequence"]
        let step = try call.optional("step")?.integer() ?? 1
        guard step != 0 else { throw call.undefined("a step of 0 leads nowhere") }
        let start = try call.optional("start")?.integer()
        let stop = try call.optional("stop")?.integer()
        func indices(_ count: Int) -> [Int] { Slicing(start: start, stop: stop, step: step).indices(of: count) }
        switch sequence.value {
        case .array(let items): return .array(indices(items.count).map { items[$0] })
        case .base64(let bytes): return .base64(indices(bytes.count).map { bytes[$0] })
        case .string(let text):
            let scalars = Array(text.unicodeScalars)
            return .string(string(indices(scalars.count).map { scalars[$0] }))
        default: throw sequence.wrong("an array, a string or a base64")
        }
    }

    private static func get(_ call: FunctionCall) throws -> XMLRPCValue {
        let (container, key) = (call["container"], call["key"])
        switch container.value {
        case .array(let items):
            let index = try key.integer()
            let place = index < 0 ? index + Int64(items.count) : index
            if let place = Int(exactly: place), items.indices.contains(place) { return items[place] }
            if let other = call.optional("default") { return other.value }
            throw call.undefined("there is no item \(index) in \(ShownText.value(container.value))")
        case .structure(let members):
            guard let name = key.value.asString, StreamSafeText.isSafe(name) else {
                throw key.wrong("a string, the name of a member")
            }
            if let value = members[name] ?? call.optional("default")?.value { return value }
            throw call.undefined("there is no member '\(ShownText.name(name))' in \(ShownText.value(container.value))")
        default: throw container.wrong("an array or a struct")
        }
    }

    private static func range(_ call: FunctionCall) throws -> XMLRPCValue {
        let first = try call["start"].integer()
        let second = try call.optional("stop")?.integer()
        let (start, stop) = second.map { (Int128(first), Int128($0)) } ?? (0, Int128(first))
        let step = Int128(try call.optional("step")?.integer() ?? 1)
        guard step != 0 else { throw call.undefined("a step of 0 leads nowhere") }
        let distance = step > 0 ? stop - start : start - stop
        let count = distance <= 0 ? 0 : (distance - 1) / Int128(step.magnitude) + 1
        guard count <= FunctionLimits.itemCountMax else {
            throw call.undefined("the result would have \(count) items; \(FunctionLimits.itemCountMax) are allowed")
        }
        // Each lies between two numbers of 64 bits.
        return .array((0..<Int(count)).map { .integer(Int64(start + Int128($0) * step)) })
    }
}

/// Python's slices (PySlice_AdjustIndices): what lies outside is cut off and never an error.
private struct Slicing {
    let start: Int64?
    let stop: Int64?
    /// Not 0.
    let step: Int64

    func indices(of count: Int) -> [Int] {
        let count = Int64(count)
        let from = start.map { inside($0, count) } ?? (step < 0 ? count - 1 : 0)
        let to = stop.map { inside($0, count) } ?? (step < 0 ? -1 : count)
        var indices: [Int] = []
        var index = from
        while step < 0 ? index > to : index < to {
            indices.append(Int(index))
            let (next, overflow) = index.addingReportingOverflow(step)
            if overflow { break }
            index = next
        }
        return indices
    }

    private func inside(_ index: Int64, _ count: Int64) -> Int64 {
        let place = index < 0 ? index + count : index
        return step < 0 ? min(max(place, -1), count - 1) : min(max(place, 0), count)
    }
}
