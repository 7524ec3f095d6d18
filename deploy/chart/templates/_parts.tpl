{{/* Labels by which the server's pods are found. */}}
{{- define "porch.selector" -}}
app.kubernetes.io/name: porch-server
{{- end }}

{{/* Several servers share a database; one alone has a volume. */}}
{{- define "porch.shared" -}}
{{- if .Values.database.secretName }}true{{ end -}}
{{- end }}

{{/* A manifest that kustomize uses as well (files/ links to them), in the release's namespace. */}}
{{- define "porch.manifest" -}}
{{- $text := .root.Files.Get (printf "files/%s" .file) -}}
{{- if not $text }}{{ fail (printf "the chart has no files/%s" .file) }}{{ end -}}
{{- $text | replace "porch-system" .root.Release.Namespace -}}
{{- end }}
