// This project's side of Benchmarks/xmlrpc/speed:
//     xmlrpc-bench documents FOLDER    writes the documents that all sides read
//     xmlrpc-bench codec FOLDER        times reading and writing them
//     xmlrpc-bench serve               answers echo calls until its standard input ends; prints its port first
//     xmlrpc-bench serve-tls           the same in TLS
import Glibc

switch CommandLine.arguments.dropFirst().first {
case "documents" where CommandLine.arguments.count == 3:
    try SampleDocuments.write(to: CommandLine.arguments[2])
case "codec" where CommandLine.arguments.count == 3:
    try CodecTiming(folder: CommandLine.arguments[2]).run()
case "serve":
    try await EchoServer.run(isEncrypted: false)
case "serve-tls":
    try await EchoServer.run(isEncrypted: true)
default:
    print("usage: xmlrpc-bench documents FOLDER | codec FOLDER | serve | serve-tls")
    exit(64)
}
