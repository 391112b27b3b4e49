import XMLRPC

/// Calls of the master as a center. No worker is there that could be called: only what the center itself answers is the same each time.
enum DataExampleCalls {
    private static let address: XMLRPCValue = "127.0.0.1:8788"

    static var all: [MethodCall] {
        [
            MethodCall(methodName: "ping", parameters: []),
            MethodCall(methodName: "broadcast", parameters: ["identity", .array([])]),
            MethodCall(methodName: "scatter", parameters: [.structure([:])]),
            MethodCall(methodName: "submit", parameters: ["add", .array([2, 3]), "five"]),
            MethodCall(
                methodName: "submit_many",
                parameters: [
                    .array([
                        .structure([
                            "function": "sum", "args": .array([.array([.structure(["key": "five"]), 4])]),
                            "key": "nine",
                        ])
                    ])
                ]),
            MethodCall(methodName: "wait", parameters: [.array(["nine", "other"]), 0.0]),
            MethodCall(methodName: "cancel", parameters: [.array(["five"])]),
            MethodCall(methodName: "delete_data", parameters: [.array(["five", "nine"])]),
            MethodCall(methodName: "gather", parameters: [.array(["five"])]),
            MethodCall(
                methodName: "register",
                parameters: [
                    .structure([
                        "address": address, "host": "", "name": "node-8", "ncores": 4,
                        "services": .structure(["http": 8788]), "memory_limit": 1_073_741_824.0,
                        "keys": .array([.array(["x", 1024])]),
                    ])
                ]),
            MethodCall(methodName: "heartbeat", parameters: [address]),
            MethodCall(
                methodName: "add_keys", parameters: [address, .array([.array(["y", .array([10, "1cf96d7c"])])])]),
            MethodCall(methodName: "who_has", parameters: [.array(["x", "y", "z"])]),
            MethodCall(methodName: "has_what", parameters: []),
            MethodCall(methodName: "ncores", parameters: []),
            MethodCall(methodName: "get_worker_services", parameters: []),
            MethodCall(methodName: "get_worker_certificates", parameters: [.array([address])]),
            MethodCall(methodName: "get_worker_secret", parameters: []),
            MethodCall(methodName: "replicate", parameters: [.array(["x"]), 1]),
            MethodCall(methodName: "rebalance", parameters: []),
            MethodCall(
                methodName: "claim_key",
                parameters: [
                    address,
                    .structure([
                        "key": "z", "function": "len", "arguments": .base64(Array("<methodCall/>".utf8)),
                    ]),
                ]),
            MethodCall(
                methodName: "record_computation",
                parameters: [
                    address,
                    .structure([
                        "key": "z", "nbytes": 12.0, "function": "len",
                        "arguments": .base64(Array("<methodCall/>".utf8)),
                        "inputs": .array(["x"]),
                    ]),
                ]),
            MethodCall(
                methodName: "computations_ended",
                parameters: [
                    address, .array([.structure(["key": "five", "number": 1.0, "message": "division by zero"])]),
                ]),
            MethodCall(methodName: "remove_keys", parameters: [address, .array(["y"])]),
            MethodCall(methodName: "missing_data", parameters: [.array(["q"])]),
            MethodCall(methodName: "identity", parameters: []),
            MethodCall(methodName: "unregister", parameters: [address]),
            MethodCall(methodName: "upload_file", parameters: ["tool", .base64(Array("#!/bin/sh\n".utf8))]),
        ]
    }
}
