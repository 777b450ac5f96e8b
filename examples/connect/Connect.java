// Maven: org.opensearch.client:opensearch-java, software.amazon.awssdk:auth, :regions and :apache-client
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.opensearch.client.opensearch.OpenSearchClient;
import org.opensearch.client.opensearch._types.OpenSearchException;
import org.opensearch.client.opensearch.generic.Body;
import org.opensearch.client.opensearch.generic.Request;
import org.opensearch.client.opensearch.generic.Requests;
import org.opensearch.client.opensearch.generic.Response;
import org.opensearch.client.transport.aws.AwsSdk2Transport;
import org.opensearch.client.transport.aws.AwsSdk2TransportOptions;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;

public final class Connect {
    public static void main(String[] arguments) throws Exception {
        TrustManager[] trust = trust(System.getenv("AWS_CA_BUNDLE"));
        String host = URI.create(System.getenv("COUNTERSIGN_ENDPOINT")).getAuthority();
        Region region = Region.of(System.getenv("AWS_REGION"));
        try (SdkHttpClient http = ApacheHttpClient.builder().tlsTrustManagersProvider(() -> trust).build()) {
            // Credentials come from the SDK's default chain: the environment, profiles, roles.
            AwsSdk2TransportOptions options = AwsSdk2TransportOptions.builder().build();
            OpenSearchClient client = new OpenSearchClient(new AwsSdk2Transport(http, host, "es", region, options));
            Request ask = Requests.builder().method("GET").endpoint("/").build();
            try (Response response = client.generic().execute(ask)) {
                System.out.println(response.getBody().map(Body::bodyAsString).orElse(""));
            } catch (OpenSearchException refused) {
                System.err.println(refused.status() + " " + refused.getMessage());
                System.exit(1);
            }
        }
    }

    /** The authorities of a PEM file; the system's where there is none. */
    private static TrustManager[] trust(String bundle) throws Exception {
        KeyStore store = null;
        if (bundle != null) {
            store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            try (InputStream file = Files.newInputStream(Path.of(bundle))) {
                for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                    store.setCertificateEntry(String.valueOf(store.size()), one);
                }
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }
}
