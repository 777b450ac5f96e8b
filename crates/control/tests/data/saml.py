"""Writes saml/*.xml: responses that signxml and libxmlsec1 (xmlsec) signed with the keys in certificates/.

    pip install lxml signxml xmlsec && python3 saml.py

tests/it/saml.rs takes each of them. Signatures by RSA come out the same every time, those by a curve do not.
"""

from pathlib import Path

import xmlsec
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod, XMLSigner
from signxml.algorithms import CanonicalizationMethod

HERE = Path(__file__).parent
DSIG = "http://www.w3.org/2000/09/xmldsig#"
NAMES = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}
AT = "2026-01-02T03:0"
RESPONSE = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="_r" Version="2.0" IssueInstant="{AT}4:00.250Z"
    Destination="https://signin.aws.amazon.com/saml" InResponseTo='_"asked"'>
  <Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.example/metadata</Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <saml:Assertion Version="2.0" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" IssueInstant="{AT}4:00Z" ID="_a">
    <saml:Issuer>https://idp.example/metadata</saml:Issuer>
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" SPNameQualifier="a&#9;b &lt;&amp;&quot;&gt;"
        >ann@example</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData NotOnOrAfter="{AT}9:00Z" Recipient="https://signin.aws.amazon.com/saml"/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="{AT}3:00Z" NotOnOrAfter="{AT}9:00Z">
      <saml:AudienceRestriction><saml:Audience>https://signin.aws.amazon.com/saml</saml:Audience></saml:AudienceRestriction>
    </saml:Conditions>
    <saml:AttributeStatement xml:lang="en">
      <saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">
        <saml:AttributeValue xsi:type="xs:string"
          >arn:aws:iam::123456789012:saml-provider/idp,arn:aws:iam::123456789012:role/saml</saml:AttributeValue>
      </saml:Attribute>
      <saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName">
        <saml:AttributeValue xsi:type="xs:string">ann</saml:AttributeValue>
      </saml:Attribute>
      <saml:Attribute Name="note"><saml:AttributeValue>&#13;&#xe9; &lt;r&amp;d&gt; "
 '</saml:AttributeValue><x:empty xmlns:x="urn:x" y="" x:y="" b="2" a="1"/></saml:Attribute>
    </saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>"""


def pem(name):
    return (HERE / "certificates" / name).read_bytes()


def by_signxml(root, path, key, signature, digest):
    element = root.find(path, NAMES) if path else root
    element.insert(1, etree.Element(f"{{{DSIG}}}Signature", Id="placeholder", nsmap={"ds": DSIG}))
    canonical = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
    signer = XMLSigner(c14n_algorithm=canonical, signature_algorithm=signature, digest_algorithm=digest)
    signed = signer.sign(element, key=pem(f"{key}.key"), cert=pem(f"{key}.crt").decode(), reference_uri=element.get("ID"))
    if not path:
        return signed
    element.getparent().replace(element, signed)
    return root


def by_libxmlsec(root, path, key, signature, digest, inclusive=None):
    element = root.find(path, NAMES) if path else root
    template = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, signature, ns="ds")
    element.insert(1, template)
    reference = xmlsec.template.add_reference(template, digest, uri="#" + element.get("ID"))
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    canonical = xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    if inclusive:
        exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
        etree.SubElement(canonical, f"{{{exclusive}}}InclusiveNamespaces", PrefixList=inclusive, nsmap={"ec": exclusive})
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(template))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem(f"{key}.key"), xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(pem(f"{key}.crt"), xmlsec.constants.KeyDataFormatPem)
    context.register_id(element, "ID")
    context.sign(template)
    return root


def write(name, root):
    (HERE / "saml" / f"{name}.xml").write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def main():
    fresh = lambda: etree.fromstring(RESPONSE)
    of_assertion, kinds = "saml:Assertion", xmlsec.Transform
    rsa_256, sha_256 = SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA256
    write("signxml-assertion", by_signxml(fresh(), of_assertion, "rsa", rsa_256, sha_256))
    write("signxml-response", by_signxml(fresh(), None, "rsa", SignatureMethod.RSA_SHA512, DigestAlgorithm.SHA512))
    write("signxml-curve", by_signxml(fresh(), of_assertion, "ec", SignatureMethod.ECDSA_SHA256, sha_256))
    write("libxmlsec-assertion", by_libxmlsec(fresh(), of_assertion, "rsa", kinds.RSA_SHA256, kinds.SHA256))
    both = by_libxmlsec(fresh(), of_assertion, "rsa", kinds.RSA_SHA384, kinds.SHA384)
    write("libxmlsec-both", by_libxmlsec(both, None, "ec", kinds.ECDSA_SHA256, kinds.SHA256))
    # As Shibboleth and SimpleSAMLphp write it.
    write("libxmlsec-inclusive", by_libxmlsec(fresh(), of_assertion, "rsa", kinds.RSA_SHA256, kinds.SHA256, "xs xsi #default"))


main()
