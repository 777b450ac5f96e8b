// go get github.com/opensearch-project/opensearch-go/v4 github.com/aws/aws-sdk-go-v2/credentials
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/opensearch-project/opensearch-go/v4"
	"github.com/opensearch-project/opensearch-go/v4/signer/awsv2"
)

func main() {
	log.SetFlags(0)
	keys := credentials.NewStaticCredentialsProvider(
		os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN"))
	signer, err := awsv2.NewSignerWithService(aws.Config{Region: os.Getenv("AWS_REGION"), Credentials: keys}, "es")
	must(err)
	client, err := opensearch.NewClient(opensearch.Config{
		Addresses: []string{os.Getenv("COUNTERSIGN_ENDPOINT")},
		Signer:    signer,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities()}},
	})
	must(err)
	request, err := http.NewRequest("GET", "/", nil)
	must(err)
	response, err := client.Perform(request)
	must(err)
	defer response.Body.Close()
	if response.StatusCode != 200 {
		log.Fatal(response.Status)
	}
	var info struct{ Version struct{ Number string } }
	must(json.NewDecoder(response.Body).Decode(&info))
	fmt.Println(info.Version.Number)
}

// The system's authorities, and those of AWS_CA_BUNDLE.
func authorities() *x509.CertPool {
	pool, err := x509.SystemCertPool()
	must(err)
	if file := os.Getenv("AWS_CA_BUNDLE"); file != "" {
		bundle, err := os.ReadFile(file)
		must(err)
		pool.AppendCertsFromPEM(bundle)
	}
	return pool
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
