// Java's aXMLRPC against a server: prints FEATURE, ok | n/a | FAILED, and the reason, between tabs.

import de.timroes.axmlrpc.XMLRPCClient;
import de.timroes.axmlrpc.XMLRPCServerException;
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.URL;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Client {
    interface Body {
        String run() throws Exception;
    }

    private static final String DATES = "sends times without colons, which no dateTime.iso8601 has";
    private static XMLRPCClient client;

    private static void check(String feature, Body body) {
        try {
            String limit = body.run();
            System.out.println(feature + (limit == null ? "\tok\t" : "\tn/a\t" + limit));
        } catch (Exception error) {
            String text = String.valueOf(error.getMessage()).replaceAll("\\s+", " ");
            System.out.println(feature + "\tFAILED\t" + text.substring(0, Math.min(200, text.length())));
        }
    }

    private static Object call(String method, Object... parameters) throws Exception {
        return client.call(method, parameters);
    }

    private static String expect(Object got, Object want) throws Exception {
        if (!Objects.deepEquals(plain(got), plain(want))) {
            throw new Exception(shortened(plain(got)) + " where " + shortened(plain(want)) + " was expected");
        }
        return null;
    }

    private static String shortened(Object value) {
        String text = String.valueOf(value);
        return text.substring(0, Math.min(60, text.length()));
    }

    // Arrays as lists, which compare by what they hold.
    private static Object plain(Object value) {
        if (value instanceof Object[] items) return Arrays.stream(items).map(Client::plain).toList();
        if (value instanceof List<?> items) return items.stream().map(Client::plain).toList();
        if (value instanceof byte[] bytes) return Arrays.toString(bytes);
        if (value instanceof Map<?, ?> members) {
            Map<Object, Object> sorted = new TreeMap<>();
            members.forEach((name, member) -> sorted.put(name, plain(member)));
            return sorted;
        }
        return value;
    }

    private static String same(Object... values) throws Exception {
        for (Object value : values) expect(call("test.echo", value), value);
        return null;
    }

    private static Map<String, Object> stooges(int curly) {
        return Map.of("moe", 1, "larry", 2, "curly", curly);
    }

    private static String validator1() throws Exception {
        expect(call("validator1.arrayOfStructsTest", (Object) new Object[] {stooges(3), stooges(-4), stooges(5)}), 4);
        expect(call("validator1.countTheEntities", "<<>&&&''\""), Map.of("ctLeftAngleBrackets", 2,
                "ctRightAngleBrackets", 1, "ctAmpersands", 3, "ctApostrophes", 2, "ctQuotes", 1));
        expect(call("validator1.easyStructTest", stooges(3)), 6);
        Map<String, Object> nested = Map.of("a", Map.of("b", new Object[] {1, "2"}));
        expect(call("validator1.echoStructTest", nested), nested);
        Object[] items = IntStream.range(0, 150).mapToObj(number -> "item " + number).toArray();
        expect(call("validator1.moderateSizeArrayCheck", (Object) items), "item 0item 149");
        expect(call("validator1.nestedStructTest", Map.of("2000", Map.of("04", Map.of("01", stooges(3))))), 6);
        expect(call("validator1.simpleStructReturnTest", 3),
                Map.of("times10", 30, "times100", 300, "times1000", 3000));
        // All but manyTypesTest, which needs a date.
        return DATES;
    }

    private static String fault() throws Exception {
        try {
            call("test.fail", 42, "what went <wrong>");
            throw new Exception("no fault came");
        } catch (XMLRPCServerException fault) {
            expect(fault.getErrorNr(), 42);
            if (!fault.getMessage().contains("what went <wrong>")) throw fault;
        }
        try {
            call("test.missing");
            throw new Exception("no fault came");
        } catch (XMLRPCServerException fault) {
            return expect(fault.getErrorNr(), -32601);
        }
    }

    private static String introspection() throws Exception {
        if (!Arrays.asList((Object[]) call("system.listMethods")).contains("test.echo")) throw new Exception("no test.echo");
        call("system.methodHelp", "test.echo");
        return expect(call("system.methodSignature", "validator1.easyStructTest"),
                new Object[] {new Object[] {"int", "struct"}});
    }

    private static String multicall() throws Exception {
        Object[] calls = {
            Map.of("methodName", "test.echo", "params", new Object[] {1}),
            Map.of("methodName", "test.fail", "params", new Object[] {42, "inside"})
        };
        return expect(call("system.multicall", (Object) calls),
                new Object[] {new Object[] {1}, Map.of("faultCode", 42, "faultString", "inside")});
    }

    private static SSLContext trusting(String path) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = new FileInputStream(path)) {
            store.setCertificateEntry("server", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    public static void main(String[] arguments) throws Exception {
        URL url = new URL(arguments[0]);
        if (arguments.length > 1) HttpsURLConnection.setDefaultSSLSocketFactory(trusting(arguments[1]).getSocketFactory());
        client = new XMLRPCClient(url,
                XMLRPCClient.FLAGS_NIL | XMLRPCClient.FLAGS_8BYTE_INT | XMLRPCClient.FLAGS_NO_STRING_DECODE);
        if (url.getUserInfo() != null) {
            String[] credentials = url.getUserInfo().split(":", 2);
            client.setLoginData(credentials[0], credentials[1]);
        }
        byte[] bytes = new byte[256];
        for (int index = 0; index < bytes.length; index++) bytes[index] = (byte) index;
        check("validator1", Client::validator1);
        check("int", () -> same(0, 1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE));
        check("boolean", () -> same(true, false));
        check("double", () -> same(0.5, -2.25, 0.1, -1234567.875));
        check("string", () -> same("plain", "  spaces  ", "<&>\"'", "]]>", "&amp;", "tab\tand\nline"));
        check("unicode", () -> same("grün", "日本語", "e\u0301"));
        check("emoji", () -> same("😀"));
        check("CR", () -> {
            expect(call("test.echo", "a\rb\r\nc"), "a\nb\nc");
            return "sends CR unescaped, which XML reads as LF";
        });
        check("empty", () -> same("", new Object[] {}, Map.of()));
        check("base64", () -> same((Object) bytes));
        check("dateTime", () -> DATES);
        check("nested", () -> same(Map.of("a", new Object[] {1, new Object[] {2, Map.of("b", "c")}, Map.of()},
                "d", Map.of("e", Map.of("f", new Object[] {true, "x"})))));
        check("big", () -> same("x".repeat(1_000_000), IntStream.range(0, 10_000).boxed().toArray()));
        check("nil", () -> expect(call("test.echo", (Object) null), null));
        check("i8", () -> same(2_147_483_648L, Long.MIN_VALUE, Long.MAX_VALUE));
        check("fault", Client::fault);
        check("introspection", Client::introspection);
        check("multicall", Client::multicall);
    }
}
