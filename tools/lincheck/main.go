// Lincheck decides whether a recorded history of transfers and reads is linearizable: whether there
// is one order of all operations, each at an instant between its call and its return, in which every
// transfer was settled or refused and every read saw the balances rightly.
//
// The search is porcupine's. This file is the model: what a ledger with nothing but balances does.
// Operations come as JSON, one a line; the verdict goes out as one JSON object. The exit code is 0
// for linearizable, 1 for not linearizable, 2 where the time ran out, 3 for input that is no history.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	maxAccounts  = 8 // in one group
	maxLineBytes = 1 << 20

	// Read and transfer are what clients do; opening says what a group began with.
	opening  = "opening"
	transfer = "transfer"
	read     = "read"

	settled = "settled"
	refused = "refused"
	unknown = "unknown"
)

// Line is one line of a history.
type Line struct {
	Kind     string  `json:"kind"`
	Group    string  `json:"group"`
	Balances []int64 `json:"balances,omitempty"` // of an opening
	Client   int     `json:"client"`
	From     int     `json:"from"`
	To       int     `json:"to"`
	Amount   int64   `json:"amount"`
	Account  int     `json:"account"` // of a read
	Balance  int64   `json:"balance"` // what a read saw
	Result   string  `json:"result"`  // of a transfer: settled, refused, unknown
	CallNs   int64   `json:"call_ns"`
	ReturnNs int64   `json:"return_ns"`
}

type balances [maxAccounts]int64

// group is a set of accounts that pay one another and nobody else: what happens in one group says
// nothing about another, so each is searched by itself.
type group struct {
	opening balances
	history []porcupine.Operation
}

// step is the whole specification. A transfer whose answer nobody got either happened or did not:
// where money suffices it is taken to have happened, and one that did not is put by the search after
// everything else, where nobody looks any more.
func step(state, input, _ interface{}) (bool, interface{}) {
	now, line := state.(balances), input.(Line)
	if line.Kind == read {
		return now[line.Account] == line.Balance, now
	}
	enough := now[line.From] >= line.Amount
	switch line.Result {
	case refused:
		return !enough, now
	case settled:
		if !enough {
			return false, now
		}
	case unknown:
		if !enough {
			return true, now
		}
	}
	now[line.From] -= line.Amount
	now[line.To] += line.Amount
	return true, now
}

func (g *group) check(limit time.Duration) porcupine.CheckResult {
	model := porcupine.Model{
		Init: func() interface{} { return g.opening },
		Step: step,
	}
	return porcupine.CheckOperationsTimeout(model, g.history, limit)
}

func (l *Line) fault(accounts int) error {
	within := func(n int) bool { return n >= 0 && n < accounts }
	switch {
	case l.Kind != read && l.Kind != transfer:
		return fmt.Errorf("unknown kind %q", l.Kind)
	case l.ReturnNs < l.CallNs:
		return errors.New("an operation returns before it is called")
	case l.Kind == read && !within(l.Account):
		return errors.New("a read of an account outside its group")
	case l.Kind == transfer && !(within(l.From) && within(l.To) && l.Amount > 0):
		return errors.New("a transfer without accounts or amount")
	case l.Kind == transfer && l.Result != settled && l.Result != refused && l.Result != unknown:
		return fmt.Errorf("unknown result %q", l.Result)
	}
	return nil
}

func readHistory(from io.Reader) (map[string]*group, error) {
	groups := map[string]*group{}
	accounts := map[string]int{}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxLineBytes)
	for number := 1; lines.Scan(); number++ {
		var line Line
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if line.Kind == opening {
			if len(line.Balances) > maxAccounts || groups[line.Group] != nil {
				return nil, fmt.Errorf("line %d: a group has at most %d accounts and one opening",
					number, maxAccounts)
			}
			one := &group{}
			copy(one.opening[:], line.Balances)
			groups[line.Group], accounts[line.Group] = one, len(line.Balances)
			continue
		}
		one := groups[line.Group]
		if one == nil {
			return nil, fmt.Errorf("line %d: group %q has no opening", number, line.Group)
		}
		if err := line.fault(accounts[line.Group]); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		ends := line.ReturnNs
		if line.Kind == transfer && line.Result == unknown {
			ends = math.MaxInt64
		}
		one.history = append(one.history, porcupine.Operation{
			ClientId: line.Client, Input: line, Call: line.CallNs, Return: ends,
		})
	}
	return groups, lines.Err()
}

// Verdict is what is printed.
type Verdict struct {
	Verdict    string            `json:"verdict"`
	Operations int               `json:"operations"`
	Groups     map[string]string `json:"groups"`
	Seconds    float64           `json:"seconds"`
}

func decide(groups map[string]*group, limit time.Duration) (Verdict, int) {
	words := map[porcupine.CheckResult]string{
		porcupine.Ok: "linearizable", porcupine.Illegal: "not linearizable", porcupine.Unknown: "undecided",
	}
	codes := map[porcupine.CheckResult]int{porcupine.Ok: 0, porcupine.Illegal: 1, porcupine.Unknown: 2}
	began, worst := time.Now(), porcupine.Ok
	said := Verdict{Groups: map[string]string{}}
	names := make([]string, 0, len(groups))
	for name := range groups {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		result := groups[name].check(limit)
		said.Groups[name] = words[result]
		said.Operations += len(groups[name].history)
		if result == porcupine.Illegal || worst == porcupine.Ok {
			worst = result
		}
	}
	said.Verdict, said.Seconds = words[worst], time.Since(began).Seconds()
	return said, codes[worst]
}

func main() {
	limit := flag.Duration("limit", time.Minute, "how long to search a group at most; 0: without end")
	flag.Parse()
	groups, err := readHistory(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "lincheck:", err)
		os.Exit(3)
	}
	said, code := decide(groups, *limit)
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		fmt.Fprintln(os.Stderr, "lincheck:", err)
		os.Exit(3)
	}
	os.Exit(code)
}
