// Validation of whole Green Button files with xmllint: the published ESPI schema inside an Atom envelope written from RFC 4287.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { materialFolder } from "../conformance/material.ts";

const run = promisify(execFile);
const espi = join(materialFolder, "domain/greenbutton_espi_4.0.xsd");

/** Why files cannot be validated here, or null. */
export async function missingForValidation(): Promise<string | null> {
  if (!existsSync(espi)) return `${espi} is absent (set MUNIMENT_MATERIAL)`;
  return run("xmllint", ["--version"]).then(
    () => null,
    () => "xmllint is absent (Debian: libxml2-utils)",
  );
}

/** What is wrong with a file; empty when it is valid. */
export async function validate(xml: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "muniment-espi-"));
  try {
    await writeFile(join(folder, "atom.xsd"), ATOM);
    await writeFile(join(folder, "feed.xml"), xml);
    await run("xmllint", [
      ...["--noout", "--nonet", "--schema", join(folder, "atom.xsd")],
      join(folder, "feed.xml"),
    ]);
    return "";
  } catch (error) {
    return (error as { readonly stderr?: string }).stderr ?? String(error);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * RFC 4287 4.1.1 and 4.1.2 as far as a feed of resources uses them. Whatever stands in `content` must be an element that the
 * ESPI schema declares, and valid by it (processContents strict).
 */
const ATOM = `<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://www.w3.org/2005/Atom"
  targetNamespace="http://www.w3.org/2005/Atom" elementFormDefault="qualified">
  <xs:import namespace="http://naesb.org/espi" schemaLocation="${espi}"/>
  <xs:simpleType name="uuid"><xs:restriction base="xs:string">
    <xs:pattern value="urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"/>
  </xs:restriction></xs:simpleType>
  <xs:complexType name="link">
    <xs:attribute name="rel" use="required"><xs:simpleType><xs:restriction base="xs:string">
      <xs:enumeration value="self"/><xs:enumeration value="up"/><xs:enumeration value="related"/>
    </xs:restriction></xs:simpleType></xs:attribute>
    <xs:attribute name="href" type="xs:anyURI" use="required"/>
  </xs:complexType>
  <xs:complexType name="entry"><xs:sequence>
    <xs:element name="id" type="uuid"/>
    <xs:element name="link" type="link" minOccurs="2" maxOccurs="unbounded"/>
    <xs:element name="title" type="xs:string"/>
    <xs:element name="content"><xs:complexType>
      <xs:sequence><xs:any namespace="http://naesb.org/espi" processContents="strict"/></xs:sequence>
      <xs:attribute name="type" fixed="application/xml"/>
    </xs:complexType></xs:element>
    <xs:element name="published" type="xs:dateTime"/>
    <xs:element name="updated" type="xs:dateTime"/>
  </xs:sequence></xs:complexType>
  <xs:element name="feed"><xs:complexType><xs:sequence>
    <xs:element name="id" type="uuid"/>
    <xs:element name="title" type="xs:string"/>
    <xs:element name="updated" type="xs:dateTime"/>
    <xs:element name="author"><xs:complexType><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="link" type="link" maxOccurs="unbounded"/>
    <xs:element name="entry" type="entry" minOccurs="0" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
`;
