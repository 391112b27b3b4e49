import Glibc
import XMLRPC

extension BuiltInFunctions {
    static let arithmetic = [
        BuiltInFunction("add(a, b)", "The sum of two numbers") { call in
            try combine(call, { $0.addingReportingOverflow($1) }, +)
        },
        BuiltInFunction("sub(a, b)", "The first number less the second") { call in
            try combine(call, { $0.subtractingReportingOverflow($1) }, -)
        },
        BuiltInFunction("mul(a, b)", "The product of two numbers") { call in
            try combine(call, { $0.multipliedReportingOverflow(by: $1) }, *)
        },
        BuiltInFunction("div(a, b)", "The quotient of two numbers, a double always", divide),
        BuiltInFunction("floordiv(a, b)", "The quotient rounded down, Python's a // b", floorDivide),
        BuiltInFunction("mod(a, b)", "What floordiv leaves, with the sign of b: Python's a % b", remainder),
        BuiltInFunction(
            "pow(base, exponent)", "A power; of integers an integer, unless the exponent is negative", power),
        BuiltInFunction("neg(a)", "The number with the other sign", negate),
        BuiltInFunction("abs(a)", "The number without its sign", magnitude),
    ]

    private static func combine(
        _ call: FunctionCall, _ integers: (Int64, Int64) -> (partialValue: Int64, overflow: Bool),
        _ doubles: (Double, Double) -> Double
    ) throws -> XMLRPCValue {
        let (left, right) = (try call["a"].number(), try call["b"].number())
        guard case (.integer(let first), .integer(let second)) = (left, right) else {
            return try call.result(doubles(left.asDouble, right.asDouble))
        }
        let result = integers(first, second)
        guard !result.overflow else { throw call.tooLarge }
        return .integer(result.partialValue)
    }

    /// Both operands, the second of them not 0.
    private static func operands(_ call: FunctionCall) throws -> (Number, Number) {
        let (left, right) = (try call["a"].number(), try call["b"].number())
        guard right.asDouble != 0 else { throw call.undefined("division by zero") }
        return (left, right)
    }

    private static func divide(_ call: FunctionCall) throws -> XMLRPCValue {
        let (left, right) = try operands(call)
        guard case (.integer(let dividend), .integer(let divisor)) = (left, right) else {
            return try call.result(left.asDouble / right.asDouble)
        }
        return .double(quotient(Int128(dividend), Int128(divisor)))
    }

    private static func floorDivide(_ call: FunctionCall) throws -> XMLRPCValue {
        let (left, right) = try operands(call)
        guard case (.integer(let dividend), .integer(let divisor)) = (left, right) else {
            return try call.result(floorDivision(left.asDouble, right.asDouble).quotient)
        }
        return try call.result(floorDivision(Int128(dividend), Int128(divisor)).quotient)
    }

    private static func remainder(_ call: FunctionCall) throws -> XMLRPCValue {
        let (left, right) = try operands(call)
        guard case (.integer(let dividend), .integer(let divisor)) = (left, right) else {
            return try call.result(floorDivision(left.asDouble, right.asDouble).remainder)
        }
        return try call.result(floorDivision(Int128(dividend), Int128(divisor)).remainder)
    }

    private static func floorDivision(_ left: Int128, _ right: Int128) -> (quotient: Int128, remainder: Int128) {
        let (quotient, remainder) = left.quotientAndRemainder(dividingBy: right)
        return remainder != 0 && (remainder < 0) != (right < 0)
            ? (quotient - 1, remainder + right) : (quotient, remainder)
    }

    /// As CPython's float_divmod: the remainder is exact, and the quotient is made from it.
    private static func floorDivision(_ left: Double, _ right: Double) -> (quotient: Double, remainder: Double) {
        var remainder = fmod(left, right)
        var exact = (left - remainder) / right
        if remainder == 0 {
            remainder = copysign(0, right)
        } else if (remainder < 0) != (right < 0) {
            remainder += right
            exact -= 1
        }
        guard exact != 0 else { return (copysign(0, left / right), remainder) }
        let whole = exact.rounded(.down)
        return (exact - whole > 0.5 ? whole + 1 : whole, remainder)
    }

    private static func power(_ call: FunctionCall) throws -> XMLRPCValue {
        let (base, exponent) = (try call["base"].number(), try call["exponent"].number())
        if case (.integer(let base), .integer(let exponent)) = (base, exponent), exponent >= 0 {
            guard let power = power(base, exponent) else { throw call.tooLarge }
            return .integer(power)
        }
        let (left, right) = (base.asDouble, exponent.asDouble)
        guard left != 0 || right >= 0 else { throw call.undefined("zero has no negative power") }
        guard left >= 0 || !left.isFinite || right == right.rounded() else {
            throw call.undefined("the result is a complex number")
        }
        return try call.result(Glibc.pow(left, right))
    }

    /// nil past 64 bits, which at most 63 multiplications show.
    private static func power(_ base: Int64, _ exponent: Int64) -> Int64? {
        var (result, factor, rest) = (Int64(1), base, exponent)
        while true {
            if rest & 1 == 1 {
                let product = result.multipliedReportingOverflow(by: factor)
                guard !product.overflow else { return nil }
                result = product.partialValue
            }
            rest >>= 1
            guard rest > 0 else { return result }
            let square = factor.multipliedReportingOverflow(by: factor)
            guard !square.overflow else { return nil }
            factor = square.partialValue
        }
    }

    private static func negate(_ call: FunctionCall) throws -> XMLRPCValue {
        switch try call["a"].number() {
        case .integer(let number): try call.result(-Int128(number))
        case .double(let number): try call.result(-number)
        }
    }

    private static func magnitude(_ call: FunctionCall) throws -> XMLRPCValue {
        switch try call["a"].number() {
        case .integer(let number): try call.result(Int128(number.magnitude))
        case .double(let number): try call.result(Swift.abs(number))
        }
    }
}
