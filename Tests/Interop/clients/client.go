// Go's github.com/kolo/xmlrpc against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/kolo/xmlrpc"
)

var client *xmlrpc.Client

type list = []interface{}
type dict = map[string]interface{}

func check(feature string, body func() (string, error)) {
	limit, err := body()
	switch {
	case err != nil:
		text := strings.Join(strings.Fields(err.Error()), " ")
		if len(text) > 200 {
			text = text[:200]
		}
		fmt.Printf("%s\tFAILED\t%s\n", feature, text)
	case limit != "":
		fmt.Printf("%s\tn/a\t%s\n", feature, limit)
	default:
		fmt.Printf("%s\tok\t\n", feature)
	}
}

func expect(got, want interface{}) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	return fmt.Errorf("%.60s where %.60s was expected", fmt.Sprintf("%#v", got), fmt.Sprintf("%#v", want))
}

// The call's one parameter, or several in a list.
func call(method string, parameters interface{}, want interface{}) error {
	var answer interface{}
	if err := client.Call(method, parameters, &answer); err != nil {
		return err
	}
	if want == nil {
		return nil
	}
	return expect(answer, want)
}

func same(values ...interface{}) (string, error) {
	for _, value := range values {
		if err := call("test.echo", list{value}, value); err != nil {
			return "", err
		}
	}
	return "", nil
}

func validator1() (string, error) {
	stooges := func(curly int64) dict { return dict{"moe": int64(1), "larry": int64(2), "curly": curly} }
	date := time.Date(2026, 11, 21, 14, 8, 55, 0, time.UTC)
	var items list
	for number := 0; number < 150; number++ {
		items = append(items, fmt.Sprintf("item %d", number))
	}
	many := list{int64(7), true, "text", 2.5, date}
	for _, one := range []struct {
		method     string
		parameters list
		want       interface{}
	}{
		{"arrayOfStructsTest", list{list{stooges(3), stooges(-4), stooges(5)}}, int64(4)},
		{"countTheEntities", list{"<<>&&&''\""}, dict{"ctLeftAngleBrackets": int64(2), "ctRightAngleBrackets": int64(1),
			"ctAmpersands": int64(3), "ctApostrophes": int64(2), "ctQuotes": int64(1)}},
		{"easyStructTest", list{stooges(3)}, int64(6)},
		{"echoStructTest", list{dict{"a": dict{"b": "c"}}}, dict{"a": dict{"b": "c"}}},
		{"manyTypesTest", append(append(list{}, many...), xmlrpc.Base64("eHl6")), append(append(list{}, many...), "eHl6")},
		{"moderateSizeArrayCheck", list{items}, "item 0item 149"},
		{"nestedStructTest", list{dict{"2000": dict{"04": dict{"01": stooges(3)}}}}, int64(6)},
		{"simpleStructReturnTest", list{int64(3)}, dict{"times10": int64(30), "times100": int64(300),
			"times1000": int64(3000)}},
	} {
		if err := call("validator1."+one.method, one.parameters, one.want); err != nil {
			return "", fmt.Errorf("%s: %v", one.method, err)
		}
	}
	return "", nil
}

func fault() (string, error) {
	// The package hands faults out as text.
	err := call("test.fail", list{42, "what went <wrong>"}, nil)
	if err == nil || err.Error() != "Fault(42): what went <wrong>" {
		return "", fmt.Errorf("%v came", err)
	}
	err = call("test.missing", nil, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "Fault(-32601)") {
		return "", fmt.Errorf("%v came", err)
	}
	return "", nil
}

// The usual one, or one that trusts the certificate that is named.
func transport() http.RoundTripper {
	if len(os.Args) < 3 {
		return nil
	}
	certificate, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(certificate)
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities}}
}

func main() {
	var err error
	if client, err = xmlrpc.NewClient(os.Args[1], transport()); err != nil {
		panic(err)
	}
	limit := func(text string) func() (string, error) { return func() (string, error) { return text, nil } }
	check("validator1", validator1)
	check("int", func() (string, error) {
		return same(int64(0), int64(1), int64(-1), int64(2147483647), int64(-2147483648))
	})
	check("boolean", func() (string, error) { return same(true, false) })
	check("double", func() (string, error) { return same(0.5, -2.25, 1e-7, 1e15, 0.1, -1234567.875) })
	check("string", func() (string, error) {
		return same("plain", "  spaces  ", "<&>\"'", "]]>", "&amp;", "tab\tand\nline")
	})
	check("unicode", func() (string, error) { return same("grün", "日本語", "e\u0301") })
	check("emoji", func() (string, error) { return same("😀") })
	check("CR", func() (string, error) { return same("a\rb\r\nc") })
	check("empty", func() (string, error) {
		for _, value := range (list{"", list{}, dict{}}) {
			if err := call("test.echo", list{value}, nil); err != nil {
				return "", err
			}
		}
		return "reads empty strings, arrays and structs as nil", nil
	})
	check("base64", func() (string, error) {
		bytes := make([]byte, 256)
		for index := range bytes {
			bytes[index] = byte(index)
		}
		text := base64.StdEncoding.EncodeToString(bytes)
		return "", call("test.echo", list{xmlrpc.Base64(text)}, text)
	})
	check("dateTime", func() (string, error) { return same(time.Date(2026, 11, 21, 14, 8, 55, 0, time.UTC)) })
	check("nested", func() (string, error) {
		return same(dict{"a": list{int64(1), list{int64(2), dict{"b": "c"}}}, "d": dict{"e": dict{"f": list{true, "x"}}}})
	})
	check("big", func() (string, error) {
		var items list
		for number := 0; number < 10000; number++ {
			items = append(items, int64(number))
		}
		return same(strings.Repeat("x", 1000000), items)
	})
	check("nil", limit("sends nil as an empty string"))
	check("i8", limit("sends more than 32 bits as an int, which no int is"))
	check("fault", fault)
	check("introspection", func() (string, error) {
		var names []string
		if err := client.Call("system.listMethods", nil, &names); err != nil {
			return "", err
		}
		if !strings.Contains(strings.Join(names, " "), "test.echo") {
			return "", fmt.Errorf("no test.echo")
		}
		if err := call("system.methodHelp", "test.echo", nil); err != nil {
			return "", err
		}
		return "", call("system.methodSignature", "validator1.easyStructTest", list{list{"int", "struct"}})
	})
	check("multicall", func() (string, error) {
		calls := list{dict{"methodName": "test.echo", "params": list{1}},
			dict{"methodName": "test.fail", "params": list{42, "inside"}}}
		return "", call("system.multicall", list{calls},
			list{list{int64(1)}, dict{"faultCode": int64(42), "faultString": "inside"}})
	})
}
