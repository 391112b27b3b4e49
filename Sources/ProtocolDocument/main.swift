import CommandSupport

let master = try await ExampleMaster()
let page = try ProtocolPage(service: master.service).text()
await master.close()
StandardOutput.write(page)
