package main

import (
	"context"
	"fmt"
	"os"

	openai "github.com/sashabaranov/go-openai"
)

func main() {
	cfg := openai.DefaultConfig(os.Getenv("GATEWAY_KEY"))
	cfg.BaseURL = "https://llm.larch-retail.example.com/v1"
	client := openai.NewClientWithConfig(cfg)
	models, err := client.ListModels(context.Background())
	fmt.Println(len(models.Models), err)
}
