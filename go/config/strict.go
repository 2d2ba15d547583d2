package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"wasmgate/go/errs"
)

// decode fills the struct that into points to. It is stricter than
// encoding/json: keys have to be written exactly, stand once, and nothing is
// null. Errors tell the path of the option in question.
func decode(document []byte, into any) error {
	if len(document) == 0 {
		return nil
	}
	if !utf8.Valid(document) {
		return errs.New(errs.OptionType, "options: not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	w := walker{decoder}
	if err := w.value(reflect.TypeOf(into).Elem(), ""); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errs.New(errs.OptionType, "options: text after the document")
	}
	if err := json.Unmarshal(document, into); err != nil {
		return errs.New(errs.OptionType, "options: %w", err)
	}
	return nil
}

// walker goes along a document and the type that it is to fill. It goes no
// deeper than the type does, so no document can make it recurse.
type walker struct{ *json.Decoder }

func (w walker) value(t reflect.Type, path string) error {
	token, err := w.Token()
	if err != nil {
		return notJSON(err)
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		if token == json.Delim('{') {
			return w.object(path, fields(t))
		}
	case reflect.Map:
		if token == json.Delim('{') {
			return w.object(path, func(string) reflect.Type { return t.Elem() })
		}
	case reflect.Slice, reflect.Array:
		if token == json.Delim('[') {
			return w.list(t, path)
		}
	default:
		return scalar(token, t, path)
	}
	return wrongType(path, t)
}

// object walks what follows "{"; typeOf gives the type behind a key, nil if
// there is no such key.
func (w walker) object(path string, typeOf func(string) reflect.Type) error {
	seen := map[string]bool{}
	for w.More() {
		token, err := w.Token()
		if err != nil {
			return notJSON(err)
		}
		key, _ := token.(string)
		inner := key
		if path != "" {
			inner = path + "." + key
		}
		t := typeOf(key)
		if t == nil {
			return option(errs.OptionUnknown, inner, "there is no such option")
		}
		if seen[key] {
			return option(errs.OptionType, inner, "stands twice")
		}
		seen[key] = true
		if err := w.value(t, inner); err != nil {
			return err
		}
	}
	return w.end()
}

func (w walker) list(t reflect.Type, path string) error {
	n := 0
	for ; w.More(); n++ {
		if err := w.value(t.Elem(), path+"["+strconv.Itoa(n)+"]"); err != nil {
			return err
		}
	}
	if t.Kind() == reflect.Array && n != t.Len() {
		return option(errs.OptionType, path, fmt.Sprintf("expected %d elements, got %d", t.Len(), n))
	}
	return w.end()
}

func (w walker) end() error {
	if _, err := w.Token(); err != nil {
		return notJSON(err)
	}
	return nil
}

// known keeps what fields found out of each struct.
var known sync.Map

// fields looks up the type of a field by its name in JSON, embedded structs included.
func fields(t reflect.Type) func(string) reflect.Type {
	found, ok := known.Load(t)
	if !ok {
		types := map[string]reflect.Type{}
		for _, field := range reflect.VisibleFields(t) {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
				types[name] = field.Type
			}
		}
		found, _ = known.LoadOrStore(t, types)
	}
	types := found.(map[string]reflect.Type)
	return func(key string) reflect.Type { return types[key] }
}

func scalar(token json.Token, t reflect.Type, path string) error {
	ok := false
	switch value := token.(type) {
	case string:
		ok = t.Kind() == reflect.String
	case bool:
		ok = t.Kind() == reflect.Bool
	case json.Number:
		if t.Kind() == reflect.Float64 {
			return nil
		}
		if ok = t.Kind() == reflect.Int64 || t.Kind() == reflect.Int; ok {
			if _, err := strconv.ParseInt(value.String(), 10, 64); err != nil {
				return option(errs.OptionRange, path, "expected an integer, got "+clip(value.String()))
			}
		}
	}
	if !ok {
		return wrongType(path, t)
	}
	return nil
}

func wrongType(path string, t reflect.Type) error {
	names := map[reflect.Kind]string{
		reflect.Struct: "an object", reflect.Map: "an object", reflect.Slice: "a list", reflect.Array: "a list",
		reflect.String: "a string", reflect.Bool: "a boolean",
	}
	name, ok := names[t.Kind()]
	if !ok {
		name = "a number"
	}
	if path == "" {
		path = "options"
	}
	return option(errs.OptionType, path, "expected "+name)
}

func notJSON(err error) error { return errs.New(errs.OptionType, "options: %w", err) }

// option makes an error about an option, with its path as a property.
func option(code errs.Code, path, problem string) *errs.Error {
	return errs.New(code, "%s: %s", path, problem).With("option", path)
}

func clip(text string) string {
	if len(text) > 40 {
		return text[:40] + "…"
	}
	return text
}
