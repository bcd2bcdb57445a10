"""Checks manifests against the schemas of Kubernetes, strictly: a field that does not exist is an error, as is a kind without a
schema. Custom resources are checked against the definitions (CRDs) that are given.

python check_schemas.py --version 1.32 --version 1.37 --crd FILE... -- MANIFEST...
"""

import argparse
import sys

import jsonschema
import kubernetes_validate
import yaml


def closed(schema):
    """The same schema, refusing fields that it does not name; as the API server does, it drops them in silence."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items()}
    free = schema.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in schema
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not free:
        result["additionalProperties"] = False
    return result


def definitions(files):
    """Schemas of custom resources, by apiVersion and kind."""
    found = {}
    for file in files:
        with open(file, encoding="utf-8") as text:
            for crd in yaml.load_all(text, Loader=yaml.CSafeLoader):
                if not crd or crd.get("kind") != "CustomResourceDefinition":
                    continue
                spec = crd["spec"]
                for version in spec["versions"]:
                    schema = version["schema"]["openAPIV3Schema"]
                    # CRDs say nothing of apiVersion, kind and metadata beyond their being there.
                    schema["properties"].update(apiVersion={}, kind={}, metadata={})
                    found[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = closed(schema)
    return found


def problem(document, version, custom):
    """What is wrong with a document, or None."""
    schema = custom.get((document["apiVersion"], document["kind"]))
    try:
        if schema:
            jsonschema.Draft202012Validator(schema).validate(document)
        else:
            kubernetes_validate.validate(document, version, strict=True)
    except jsonschema.ValidationError as error:
        return f"{'.'.join(str(part) for part in error.path)}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError:
        return f"there is no schema for {document['apiVersion']} {document['kind']}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="append", required=True)
    parser.add_argument("--crd", action="append", default=[])
    parser.add_argument("manifests", nargs="+")
    options = parser.parse_args()
    custom = definitions(options.crd)
    failed = 0
    for file in options.manifests:
        with open(file, encoding="utf-8") as text:
            documents = [document for document in yaml.load_all(text, Loader=yaml.CSafeLoader) if document]
        for version in options.version:
            for document in documents:
                found = problem(document, version, custom)
                if found:
                    failed += 1
                    print(f"{file}: {document['kind']} {document['metadata']['name']} ({version}): {found}")
        own = sum((document["apiVersion"], document["kind"]) in custom for document in documents)
        print(f"{file}: {len(documents)} objects for Kubernetes {', '.join(options.version)}, {own} of them custom")
    sys.exit(failed > 0)


main()
