// This project's side of Benchmarks/xmlrpc/speed:
//     xmlrpc-bench documents FOLDER    writes the documents that all sides read
//     xmlrpc-bench codec FOLDER        times reading and writing them
//     xmlrpc-bench serve               answers echo calls until its standard input ends; prints its port first
import Glibc

switch CommandLine.arguments.dropFirst().first {
case "documents" where CommandLine.arguments.count == 3:
    try SampleDocuments.write(to: CommandLine.arguments[2])
case "codec" where CommandLine.arguments.count == 3:
    try CodecTiming(folder: CommandLine.arguments[2]).run()
case "serve":
    try await EchoServer.run()
default:
    print("usage: xmlrpc-bench documents FOLDER | codec FOLDER | serve")
    exit(64)
}
