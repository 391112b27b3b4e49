import WorkerCommand
import XMLRPC

/// Functions that this worker's program computes as a data worker, beside those that are built in.
enum OwnFunctions {
    static let all = [
        DataFunction("hypotenuse", summary: "The longest side of a right triangle", signature: "hypotenuse(a, b)") {
            arguments, _ in
            guard arguments.count == 2, let a = arguments[0].asDouble, let b = arguments[1].asDouble else {
                throw XMLRPCFault(code: 1, message: "hypotenuse takes two doubles")
            }
            return .double((a * a + b * b).squareRoot())
        }
    ]
}
