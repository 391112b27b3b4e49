import XMLRPC

/// A sum as Python's: integers are exact on the way, so that only the result must fit; from the first double on all is added
/// as doubles, from the left.
enum ExactSum {
    case integer(Int128)
    case double(Double)

    static let zero = ExactSum.integer(0)

    mutating func add(_ number: Number) {
        switch (self, number) {
        case (.integer(let sum), .integer(let number)): self = .integer(sum + Int128(number))
        case (.integer(let sum), .double(let number)): self = .double(quotient(sum, 1) + number)
        case (.double(let sum), let number): self = .double(sum + number.asDouble)
        }
    }
}

extension FunctionCall {
    func result(_ sum: ExactSum) throws(FunctionError) -> XMLRPCValue {
        switch sum {
        case .integer(let sum): try result(sum)
        case .double(let sum): try result(sum)
        }
    }
}
