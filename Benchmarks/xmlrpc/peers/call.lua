-- One call, the same each time. wrk builds the request once, so that this costs nothing per call.
function init(arguments)
    local file = assert(io.open(arguments[1], "rb"))
    wrk.method = "POST"
    wrk.body = file:read("*a")
    wrk.headers["Content-Type"] = "text/xml"
    file:close()
end
