# Tcl's xmlrpc package against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs.
# The package holds structs in arrays that it finds by name, from the global scope.
package require xmlrpc

regexp {^(http://[^/]+)/(.*)$} [lindex $argv 0] -> url path

# What the package says of a fault goes to standard error, and the call fails without it.
proc xmlrpc::warn {message} { set ::said $message }

proc check {feature body} {
    if {[catch {uplevel #0 $body} result]} {
        puts "$feature\tFAILED\t[string range [regsub -all {\s+} $result { }] 0 200]"
    } elseif {$result ne ""} {
        puts "$feature\tn/a\t$result"
    } else {
        puts "$feature\tok\t"
    }
}

# The result, without the rest that the package hands out beside it.
proc call {method args} {
    return [lindex [xmlrpc::call $::url $::path $method $args] 1]
}

proc expect {got want} {
    if {$got ne $want} { error "[string range $got 0 60] where [string range $want 0 60] was expected" }
}

proc same {type args} {
    foreach value $args { expect [call test.echo [list $type $value]] $value }
}

array set stooges {moe {int 1} larry {int 2} curly {int 3}}

check validator1 {
    expect [call validator1.arrayOfStructsTest {array {{struct stooges} {struct stooges}}}] 6
    expect [lsort [call validator1.countTheEntities {string {''"}}]] \
        {{ctAmpersands 0} {ctApostrophes 2} {ctLeftAngleBrackets 0} {ctQuotes 1} {ctRightAngleBrackets 0}}
    expect [call validator1.easyStructTest {struct stooges}] 6
    expect [lsort [call validator1.echoStructTest {struct stooges}]] {{curly 3} {larry 2} {moe 1}}
    expect [call validator1.manyTypesTest {int 7} {boolean 1} {string text} {double 2.5} \
        {dateTime.iso8601 20261121T14:08:55} {base64 eHl6}] {7 1 text 2.5 20261121T14:08:55 eHl6}
    set items {}
    for {set number 0} {$number < 150} {incr number} { lappend items [list string "item $number"] }
    expect [call validator1.moderateSizeArrayCheck [list array $items]] "item 0item 149"
    array set april {01 {struct stooges}}
    array set year {04 {struct april}}
    array set calendar {2000 {struct year}}
    expect [call validator1.nestedStructTest {struct calendar}] 6
    expect [lsort [call validator1.simpleStructReturnTest {int 3}]] {{times10 30} {times100 300} {times1000 3000}}
}
check int { same int 0 1 -1 2147483647 -2147483648 }
check boolean { same boolean 1 0 }
check double { same double 0.5 -2.25 0.1 }
check string {
    same string plain "tab\tand word"
    set limit "sends < and & unescaped"
}
check unicode { set limit "counts characters where HTTP counts bytes" }
check emoji { set limit "counts characters where HTTP counts bytes" }
check CR { set limit "sends CR unescaped, which XML reads as LF" }
check empty { same string "" ; same array {} }
check base64 { same base64 AAECAwT/ }
check dateTime { same dateTime.iso8601 20261121T14:08:55 }
check nested { expect [call test.echo {array {{int 1} {array {{string x} {array {{boolean 1}}}}}}}] {1 {x 1}} }
check big { same string [string repeat x 100000] }
check nil { set limit "has no nil" }
check i8 { set limit "has no i8" }
check fault {
    # A fault is handed out as its struct.
    expect [lsort [call test.fail {int 42} {string {what went wrong}}]] \
        {{faultCode 42} {faultString {what went wrong}}}
    expect [lindex [lsearch -inline -index 0 [call test.missing] faultCode] 1] -32601
}
check introspection {
    if {"test.echo" ni [call system.listMethods]} { error "no test.echo" }
    call system.methodHelp {string test.echo}
    expect [call system.methodSignature {string validator1.easyStructTest}] {{int struct}}
}
check multicall {
    array set inner {methodName {string test.echo} params {array {{int 1}}}}
    expect [call system.multicall {array {{struct inner} {struct inner}}}] {1 1}
}
