"""AssumeRoleWithSAML with assertions that other people's libraries sign: signxml, and libxmlsec1 through xmlsec."""

import base64
import datetime
import json
import uuid

import boto3
import pytest
import xmlsec
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import DigestAlgorithm, SignatureConfiguration, SignatureMethod, XMLSigner, XMLVerifier
from signxml.algorithms import CanonicalizationMethod

from service import Credentials, Service

ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
ISSUER = "https://idp.example/saml/metadata"
SIGN_IN = "https://signin.aws.amazon.com/saml"
NAMES = {"saml": ASSERTION, "samlp": PROTOCOL, "ds": DSIG}


class Provider:
    """An identity provider: a key, its certificate, and responses about one user."""

    def __init__(self, key):
        self.key = key
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        self.certificate = builder.sign(key, hashes.SHA256())

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self):
        formats = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return self.key.private_bytes(*formats)

    def key_descriptor(self):
        der = base64.encodebytes(self.certificate.public_bytes(serialization.Encoding.DER)).decode()
        return (
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{DSIG}"><ds:X509Data>'
            f"<ds:X509Certificate>\n{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )


def metadata(*providers):
    keys = "".join(provider.key_descriptor() for provider in providers)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<md:EntityDescriptor xmlns:md="{METADATA}" entityID="{ISSUER}">\n'
        f'  <md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">{keys}</md:IDPSSODescriptor>\n'
        "</md:EntityDescriptor>\n" + " " * 1000
    )


def response(service, role, provider, user="ann@example.org", issued=0):
    """An unsigned response, written as identity providers do: with line breaks, and odd characters."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=issued)

    def at(seconds):
        return (now + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    attributes = {
        "https://aws.amazon.com/SAML/Attributes/Role": [f"{service.role_arn(role)},{provider}"],
        "https://aws.amazon.com/SAML/Attributes/RoleSessionName": ["ann"],
        "https://aws.amazon.com/SAML/Attributes/SessionDuration": ["1800"],
        "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["staff", "r&d <ünit>"],
    }
    text = etree.tostring
    statement = etree.Element(f"{{{ASSERTION}}}AttributeStatement", nsmap={"saml": ASSERTION})
    for name, values in attributes.items():
        attribute = etree.SubElement(statement, f"{{{ASSERTION}}}Attribute", Name=name)
        for value in values:
            etree.SubElement(attribute, f"{{{ASSERTION}}}AttributeValue").text = value
    return etree.fromstring(f"""<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    ID="_{uuid.uuid4().hex}" Version="2.0" IssueInstant="{at(0)}" Destination="{SIGN_IN}">
  <saml:Issuer>{ISSUER}</saml:Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <saml:Assertion Version="2.0" IssueInstant="{at(0)}" ID="_{uuid.uuid4().hex}">
    <saml:Issuer>{ISSUER}</saml:Issuer>
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{user}</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData NotOnOrAfter="{at(300)}" Recipient="{SIGN_IN}"/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="{at(-60)}" NotOnOrAfter="{at(300)}">
      <saml:AudienceRestriction><saml:Audience>{SIGN_IN}</saml:Audience></saml:AudienceRestriction>
    </saml:Conditions>
    <saml:AuthnStatement AuthnInstant="{at(0)}" SessionNotOnOrAfter="{at(7200)}"><saml:AuthnContext>
      <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>
    </saml:AuthnContext></saml:AuthnStatement>
    {text(statement, encoding="unicode")}
  </saml:Assertion>
</samlp:Response>""")


def by_signxml(root, path, provider, signature, digest):
    """Signs the element at `path` with signxml, where SAML wants the signature: behind the issuer."""
    element = root if path is None else root.find(path, NAMES)
    placeholder = etree.Element(f"{{{DSIG}}}Signature", Id="placeholder", nsmap={"ds": DSIG})
    element.insert(1, placeholder)
    signer = XMLSigner(c14n_algorithm=EXCLUSIVE, signature_algorithm=signature, digest_algorithm=digest)
    signed = signer.sign(element, key=provider.key_pem(), cert=provider.pem().decode(), reference_uri=element.get("ID"))
    expected = SignatureConfiguration(signature_methods=[signature], digest_algorithms=[digest])
    XMLVerifier().verify(signed, x509_cert=provider.pem().decode(), expect_config=expected)
    if path is None:
        return signed
    element.getparent().replace(element, signed)
    return root


def by_libxmlsec(root, path, provider, signature, digest):
    """Signs the element at `path` with libxmlsec1."""
    element = root if path is None else root.find(path, NAMES)
    template = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, signature, ns="ds")
    element.insert(1, template)
    reference = xmlsec.template.add_reference(template, digest, uri="#" + element.get("ID"))
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(template))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(provider.key_pem(), xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(provider.pem(), xmlsec.constants.KeyDataFormatPem)
    context.register_id(element, "ID")
    context.sign(template)
    return root


RSA = Provider(rsa.generate_private_key(public_exponent=65537, key_size=2048))
CURVE = Provider(ec.generate_private_key(ec.SECP256R1()))
STRANGER = Provider(rsa.generate_private_key(public_exponent=65537, key_size=2048))
OF_ASSERTION = "saml:Assertion"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with Service(tmp_path_factory.mktemp("saml") / "data", options=["--bare"]) as running:
        yield running
        running.stop()


@pytest.fixture(scope="module")
def provider(service):
    """The provider's ARN; role `federated` trusts it."""
    iam = service.client("iam")
    arn = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata(CURVE, RSA))["SAMLProviderArn"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": arn},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {
                    "StringEquals": {"SAML:aud": SIGN_IN, "SAML:iss": ISSUER},
                    "ForAnyValue:StringEquals": {"SAML:eduPersonAffiliation": "r&d <ünit>"},
                },
            }
        ],
    }
    iam.create_role(RoleName="federated", AssumeRolePolicyDocument=json.dumps(trust))
    return arn


def exchange(service, provider, root, role="federated"):
    """The call that an unmodified boto3 makes, without credentials."""
    document = root if isinstance(root, bytes) else etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    sts = boto3.client(
        "sts",
        endpoint_url=service.control,
        region_name=service.region,
        verify=service.ca_bundle,
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
    )
    return sts.assume_role_with_saml(
        RoleArn=service.role_arn(role), PrincipalArn=provider, SAMLAssertion=base64.b64encode(document).decode()
    )


SIGNED = {
    "signxml, the assertion, RSA and SHA-256": lambda root: by_signxml(
        root, OF_ASSERTION, RSA, SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA256
    ),
    "signxml, the response, RSA and SHA-512": lambda root: by_signxml(
        root, None, RSA, SignatureMethod.RSA_SHA512, DigestAlgorithm.SHA512
    ),
    "signxml, the assertion, P-256": lambda root: by_signxml(
        root, OF_ASSERTION, CURVE, SignatureMethod.ECDSA_SHA256, DigestAlgorithm.SHA256
    ),
    "libxmlsec1, the assertion, RSA and SHA-256": lambda root: by_libxmlsec(
        root, OF_ASSERTION, RSA, xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256
    ),
    "libxmlsec1, the assertion and the response, RSA and SHA-384": lambda root: by_libxmlsec(
        by_libxmlsec(root, OF_ASSERTION, RSA, xmlsec.Transform.RSA_SHA384, xmlsec.Transform.SHA384),
        None, RSA, xmlsec.Transform.RSA_SHA384, xmlsec.Transform.SHA384,
    ),
    "libxmlsec1, the response, P-256": lambda root: by_libxmlsec(
        root, None, CURVE, xmlsec.Transform.ECDSA_SHA256, xmlsec.Transform.SHA256
    ),
}


@pytest.mark.parametrize("how", SIGNED)
def test_a_signed_assertion_becomes_a_session(service, provider, how):
    reply = exchange(service, provider, SIGNED[how](response(service, "federated", provider)))
    assert reply["AssumedRoleUser"]["Arn"].endswith(":assumed-role/federated/ann")
    assert (reply["Subject"], reply["SubjectType"]) == ("ann@example.org", "persistent")
    assert (reply["Issuer"], reply["Audience"]) == (ISSUER, SIGN_IN)
    keys = reply["Credentials"]
    left = (keys["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    assert 1700 < left <= 1800, "SessionDuration"
    session = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    arn = service.client("sts", session).get_caller_identity()["Arn"]
    assert arn == reply["AssumedRoleUser"]["Arn"]


def refused(service, provider, root, role="federated"):
    with pytest.raises(ClientError) as caught:
        exchange(service, provider, root, role)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def good(service, provider, **options):
    return SIGNED["libxmlsec1, the assertion, RSA and SHA-256"](response(service, "federated", provider, **options))


def test_an_assertion_that_was_changed_or_that_a_stranger_signed_is_refused(service, provider):
    root = good(service, provider)
    root.find("saml:Assertion/saml:Subject/saml:NameID", NAMES).text = "root@example.org"
    assert refused(service, provider, root) == ("InvalidIdentityToken", "Response signature invalid")
    root = response(service, "federated", provider)
    by_libxmlsec(root, OF_ASSERTION, STRANGER, xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256)
    assert refused(service, provider, root) == ("InvalidIdentityToken", "Response signature invalid")
    root = response(service, "federated", provider)
    assert refused(service, provider, root) == ("InvalidIdentityToken", "Response signature invalid")


def test_sha_1_is_refused(service, provider):
    root = response(service, "federated", provider)
    by_libxmlsec(root, OF_ASSERTION, RSA, xmlsec.Transform.RSA_SHA1, xmlsec.Transform.SHA1)
    assert refused(service, provider, root) == ("InvalidIdentityToken", "Response signature invalid")


def test_a_signed_assertion_that_is_wrapped_in_a_forged_one_is_refused(service, provider):
    root = good(service, provider)
    signed = root.find(OF_ASSERTION, NAMES)
    forged = etree.fromstring(etree.tostring(response(service, "federated", provider, user="root@example.org")))
    forged = forged.find(OF_ASSERTION, NAMES)
    root.replace(signed, forged)
    root.insert(1, signed)
    invalid = ("InvalidIdentityToken", "Your request included an invalid SAML response")
    assert refused(service, provider, root) == invalid
    root.remove(signed)
    etree.SubElement(forged, f"{{{ASSERTION}}}Advice").append(signed)
    assert refused(service, provider, root) == invalid


def test_a_comment_in_the_name_is_refused(service, provider):
    document = etree.tostring(good(service, provider, user="root@example.org.evil.example"))
    document = document.replace(b"example.org.evil", b"example.org<!---->.evil")
    told = refused(service, provider, document)
    assert told == ("InvalidIdentityToken", "Your request included an invalid SAML response")


def test_an_assertion_is_taken_once_and_not_when_it_is_old(service, provider):
    root = good(service, provider)
    exchange(service, provider, root)
    code, text = refused(service, provider, root)
    assert (code, text) == ("InvalidIdentityToken", "The assertion has been used for this role already")
    code, _ = refused(service, provider, good(service, provider, issued=-301))
    assert code == "ExpiredTokenException"


def test_a_role_that_the_assertion_does_not_offer_is_refused(service, provider):
    code, text = refused(service, provider, good(service, provider), role="admin")
    assert code == "InvalidIdentityToken" and text.startswith("SAML Assertion doesn't contain the requested Role")
