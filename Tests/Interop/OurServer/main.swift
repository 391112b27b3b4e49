// This project's server over TLS, with the methods that clients are tried on, for whoever shows a token:
//     interop-server FOLDER TOKEN
// leaves its certificate and key in FOLDER as server.pem and server.key, prints where it listens, and serves until it is
// killed. The token is good as Bearer, and as the password of the user mr.
import Certificates
import ControlCommand
import Glibc
import Logging
import XMLRPCHTTP

guard CommandLine.arguments.count == 3 else {
    print("usage: interop-server FOLDER TOKEN")
    exit(64)
}
let (folder, token) = (CommandLine.arguments[1], CommandLine.arguments[2])
let key = CertificateKey()
let now = Int64(time(nil))
let certificate = try SelfSigned(
    key: key, commonName: "interop", names: ["127.0.0.1", "localhost"], validFrom: now - 3_600,
    validUntil: now + 86_400)

func write(_ text: String, to name: String) {
    let file = fopen("\(folder)/\(name)", "wx")
    guard let file, fputs(text, file) >= 0, fclose(file) == 0 else {
        print("\(folder)/\(name) can't be written")
        exit(1)
    }
}

umask(0o077)
write(certificate.pem, to: "server.pem")
write(key.pem, to: "server.key")
var logger = Logger(label: "interop-server")
// Each client is also tried with a certificate that it must not trust.
logger.logLevel = .critical
let server = XMLRPCServer(
    port: 0, methods: Validator.methods,
    authorize: { $0.isBearer(token) || $0.isBasic(user: "mr", password: token) ? "" : nil },
    tls: try XMLRPCServerTLS(certificateFile: "\(folder)/server.pem", keyFile: "\(folder)/server.key"), logger: logger)
async let running: Void = server.run()
print("listening on 127.0.0.1:\(try await server.address.port)")
fflush(nil)
try await running
