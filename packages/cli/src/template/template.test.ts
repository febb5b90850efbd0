import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileTemplate, type GoValue, printed, struct } from './index.ts';

const vm: GoValue = struct({
  Name: 'web',
  CPUs: 2,
  Memory: printed('512.0 MB', 536870912),
  Labels: { b: '2', a: '1' },
  IPs: ['10.0.0.1', '10.0.0.2'],
  None: null,
  Empty: [],
  Running: true,
  Status: struct({ Code: 0 }),
});

const cases: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['{{.Name}}', 'web'],
  ['{{ .Name }}:{{.CPUs}}', 'web:2'],
  ['{{.Memory}}', '512.0 MB'],
  ['{{.Labels}}', 'map[a:1 b:2]'],
  ['{{.Labels.a}}{{.Labels.zz}}', '1<no value>'],
  ['{{.IPs}}', '[10.0.0.1 10.0.0.2]'],
  ['{{.None}}', '<nil>'],
  ['{{.Status}}', '{0}'],
  ['{{index .IPs 1}}', '10.0.0.2'],
  ['{{index .Labels "b"}}', '2'],
  ['{{len .IPs}}', '2'],
  ['{{range .IPs}}<{{.}}>{{end}}', '<10.0.0.1><10.0.0.2>'],
  ['{{range $i, $ip := .IPs}}{{$i}}={{$ip}} {{end}}', '0=10.0.0.1 1=10.0.0.2 '],
  ['{{range $k, $v := .Labels}}{{$k}}{{$v}}{{end}}', 'a1b2'],
  ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
  ['{{range .IPs}}{{if eq . "10.0.0.1"}}{{continue}}{{end}}{{.}}{{break}}{{end}}', '10.0.0.2'],
  ['{{if .Running}}up{{else}}down{{end}}', 'up'],
  ['{{if .None}}a{{else if .Running}}b{{else}}c{{end}}', 'b'],
  ['{{if and .Running (gt .CPUs 1)}}big{{end}}', 'big'],
  ['{{if or .None .Name}}yes{{end}}', 'yes'],
  ['{{with .Status}}{{.Code}}{{end}}', '0'],
  ['{{with .None}}a{{else}}b{{end}}', 'b'],
  ['{{$x := .Name}}{{$x}}{{$x = "y"}}{{$x}}', 'weby'],
  [
    '{{printf "%-5s|%5d|%05d|%.2f|%q|%v|%x" .Name .CPUs 42 1.5 "a" .IPs 255}}',
    'web  |    2|00042|1.50|"a"|[10.0.0.1 10.0.0.2]|ff',
  ],
  ['{{printf "%d" "x"}}', '%!d(string=x)'],
  ['{{printf "%s %s" "a"}}', 'a %!s(MISSING)'],
  ['{{.Name | printf "%s-%s" "a"}}', 'a-web'],
  ['{{json .Labels}}', '{"a":"1","b":"2"}'],
  ['{{.Name | upper | printf "%q"}}', '"WEB"'],
  ['{{join .IPs ","}}', '10.0.0.1,10.0.0.2'],
  ['{{(index .IPs 0)}}', '10.0.0.1'],
  ['a {{- " b " -}} c', 'a b c'],
  ['a{{/* no */}}b', 'ab'],
  ['{{"a\\tb\\u00e9"}}{{`r\\n`}}', 'a\tbér\\n'],
  ['{{eq .CPUs 1 2}}', 'true'],
  ['{{ne .Name "x"}}{{lt 1 2}}{{ge 2 2}}{{not true}}', 'truetruetruefalse'],
  ['{{slice .Name 1 3}}', 'eb'],
  ['{{$.Name}}{{range .IPs}}{{$.Name}}{{end}}', 'webwebweb'],
  ['{{range 3}}{{.}}{{end}}', '012'],
  ['{{eq .Memory "512.0 MB"}}', 'true'],
];

for (const [template, expected] of cases) {
  test(`template ${template}`, () => {
    assert.equal(compileTemplate(template)(vm), expected);
  });
}

const wrong: readonly (readonly [string, RegExp])[] = [
  ['{{.Nope}}', /no field "Nope"/],
  ['{{nope}}', /no function "nope"/],
  ['{{define "x"}}{{end}}', /define.* not supported/],
  ['{{block "x" .}}{{end}}', /block.* not supported/],
  ['{{template "x"}}', /template.* not supported/],
  ['{{if .Name}}', /no \{\{end\}\}/],
  ['{{end}}', /closes nothing/],
  ['{{.Name', /no \}\}/],
  ['{{index .IPs 9}}', /out of range/],
  ['{{$y}}', /not declared/],
  ['{{break}}', /outside of range/],
  ['{{lt .Name 1}}', /no order/],
  ['{{.Name.X}}', /no field "X"/],
  [`${'{{if true}}'.repeat(200)}`, /nested too deeply/],
];

for (const [template, message] of wrong) {
  test(`template ${template.slice(0, 40)} is refused`, () => {
    assert.throws(() => compileTemplate(template)(vm), message);
  });
}
