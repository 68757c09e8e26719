include src/service/relay/local.mk
