import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.opensearch.client.opensearch._types.OpenSearchException;
import org.opensearch.client.opensearch.generic.Body;
import org.opensearch.client.opensearch.generic.OpenSearchGenericClient;
import org.opensearch.client.opensearch.generic.Requests;
import org.opensearch.client.transport.aws.AwsSdk2Transport;
import org.opensearch.client.transport.aws.AwsSdk2TransportOptions;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.regions.Region;

/**
 * Sends requests with the clients of this folder: one request a line on standard input, one answer a line on standard
 * output; ../../../../python/driver.py says what is in them.
 */
public final class Judge {
    private static final ObjectMapper JSON = new ObjectMapper();

    record Asked(JsonNode told) {
        String text(String name) {
            return told.get(name).asText();
        }

        boolean compressed() {
            return told.path("gzip").asBoolean();
        }

        byte[] body() throws IOException {
            if (told.hasNonNull("bodyFile")) {
                return Files.readAllBytes(Path.of(text("bodyFile")));
            }
            return told.hasNonNull("body") ? text("body").getBytes(StandardCharsets.UTF_8) : null;
        }

        Map<String, String> headers() {
            Map<String, String> headers = new LinkedHashMap<>();
            if (told.hasNonNull("body")) {
                headers.put("Content-Type", "application/json");
            }
            told.get("headers").fields().forEachRemaining(header -> headers.put(header.getKey(), header.getValue().asText()));
            return headers;
        }

        AwsCredentials credentials() {
            JsonNode keys = told.get("credentials");
            String id = keys.get("accessKeyId").asText();
            String secret = keys.get("secretAccessKey").asText();
            return keys.hasNonNull("sessionToken")
                ? AwsSessionCredentials.create(id, secret, keys.get("sessionToken").asText())
                : AwsBasicCredentials.create(id, secret);
        }
    }

    private interface Sender {
        ObjectNode send(Asked asked, SdkHttpClient client) throws Exception;
    }

    private static final Map<String, Sender> CLIENTS = Map.of(
        "aws-sdk-java-2", (asked, client) -> bySdk(asked, client, false),
        "aws-sdk-java-2-presigned", (asked, client) -> bySdk(asked, client, true),
        "opensearch-java", Judge::byOpenSearch,
        "elasticsearch-rest-high-level-client", (asked, client) -> HighLevel.story(asked)
    );

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Map<String, SdkHttpClient> trusting = new HashMap<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Asked asked = new Asked(JSON.readTree(line));
            SdkHttpClient client = trusting.computeIfAbsent(asked.text("ca"), Judge::client);
            ObjectNode answer;
            try {
                answer = CLIENTS.get(asked.text("client")).send(asked, client);
            } catch (OpenSearchException refused) {
                // opensearch-java keeps the reason of a refusal, not its body.
                answer = JSON.createObjectNode().put("status", refused.status());
                answer.putObject("body").put("message", refused.error().reason());
            } catch (Exception failed) {
                answer = JSON.createObjectNode().put("error", String.valueOf(failed));
            }
            System.out.println(JSON.writeValueAsString(answer));
        }
    }

    /** The SDK's own signer and HTTP client. They take the query as decoded parameters and the path as it goes over the wire. */
    private static ObjectNode bySdk(Asked asked, SdkHttpClient client, boolean presigned) throws Exception {
        URI endpoint = URI.create(asked.text("endpoint"));
        String[] target = asked.text("path").split("\\?", 2);
        SdkHttpRequest.Builder building = SdkHttpRequest.builder().protocol("https").host(endpoint.getHost()).port(endpoint.getPort())
            .method(SdkHttpMethod.fromValue(asked.text("method"))).encodedPath(target[0]);
        if (target.length > 1) {
            for (String one : target[1].split("&")) {
                String[] parameter = one.split("=", 2);
                building.appendRawQueryParameter(decoded(parameter[0]), parameter.length > 1 ? decoded(parameter[1]) : null);
            }
        }
        asked.headers().forEach(building::putHeader);
        byte[] body = asked.body();
        if (asked.compressed()) {
            body = gzip(body);
            building.putHeader("Content-Encoding", "gzip");
        }
        byte[] sent = body;
        ContentStreamProvider content = sent == null ? null : () -> new ByteArrayInputStream(sent);
        SdkHttpRequest request = building.build();
        SignedRequest signed = AwsV4HttpSigner.create().sign(signing -> {
            signing.identity(asked.credentials()).request(request).payload(content)
                .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "es")
                .putProperty(AwsV4HttpSigner.REGION_NAME, asked.text("region"));
            if (presigned) {
                signing.putProperty(AwsV4FamilyHttpSigner.AUTH_LOCATION, AwsV4FamilyHttpSigner.AuthLocation.QUERY_STRING)
                    .putProperty(AwsV4FamilyHttpSigner.EXPIRATION_DURATION, Duration.ofMinutes(5));
            }
        });
        HttpExecuteRequest.Builder executing = HttpExecuteRequest.builder().request(
            sent == null ? signed.request() : signed.request().toBuilder().putHeader("Content-Length", String.valueOf(sent.length)).build());
        signed.payload().ifPresent(executing::contentStreamProvider);
        HttpExecuteResponse response = client.prepareRequest(executing.build()).call();
        byte[] answer = response.responseBody().isPresent() ? response.responseBody().get().readAllBytes() : new byte[0];
        return answered(response.httpResponse().statusCode(), answer);
    }

    /** It compresses of itself, from a size on. */
    private static ObjectNode byOpenSearch(Asked asked, SdkHttpClient client) throws Exception {
        AwsSdk2TransportOptions options = AwsSdk2TransportOptions.builder()
            .setCredentials(StaticCredentialsProvider.create(asked.credentials()))
            .setRequestCompressionSize(asked.compressed() ? 1 : Integer.MAX_VALUE).build();
        String host = URI.create(asked.text("endpoint")).getAuthority();
        AwsSdk2Transport transport = new AwsSdk2Transport(client, host, "es", Region.of(asked.text("region")), options);
        String[] target = asked.text("path").split("\\?", 2);
        Map<String, String> query = new LinkedHashMap<>();
        if (target.length > 1) {
            for (String one : target[1].split("&")) {
                String[] parameter = one.split("=", 2);
                query.put(decoded(parameter[0]), parameter.length > 1 ? decoded(parameter[1]) : "");
            }
        }
        Requests.JsonBodyBuilder building = Requests.builder().method(asked.text("method")).endpoint(target[0]).query(query);
        byte[] body = asked.body();
        if (body != null) {
            building.body(Body.from(body, asked.headers().get("Content-Type")));
        }
        try (var response = new OpenSearchGenericClient(transport).execute(building.build())) {
            byte[] answer = new byte[0];
            if (response.getBody().isPresent()) {
                try (InputStream stream = response.getBody().get().body()) {
                    answer = stream.readAllBytes();
                }
            }
            return answered(response.getStatus(), answer);
        }
    }

    private static ObjectNode answered(int status, byte[] body) {
        ObjectNode answer = JSON.createObjectNode().put("status", status);
        try {
            answer.set("body", JSON.readTree(body));
        } catch (IOException notJson) {
            answer.put("body", new String(body, StandardCharsets.UTF_8));
        }
        return answer;
    }

    static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream small = new ByteArrayOutputStream();
        try (GZIPOutputStream stream = new GZIPOutputStream(small)) {
            stream.write(plain);
        }
        return small.toByteArray();
    }

    private static SdkHttpClient client(String bundle) {
        TrustManager[] trust = trust(bundle);
        return ApacheHttpClient.builder().tlsTrustManagersProvider(() -> trust).build();
    }

    static TrustManager[] trust(String bundle) {
        try (InputStream file = Files.newInputStream(Path.of(bundle))) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate authority : List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(file))) {
                store.setCertificateEntry("authority-" + store.size(), authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
