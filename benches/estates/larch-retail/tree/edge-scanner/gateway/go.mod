module github.com/larch-retail/edge-gateway

go 1.23.4

require (
	github.com/ollama/ollama v0.1.33
	github.com/sashabaranov/go-openai v1.40.3
	golang.org/x/net v0.15.0 // indirect
)
